package repo

import (
	"context"
	"errors"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/worktree"
)

// settle brings files that a crash left half-way between two trees back to the
// one that work/base stands for, so that nobody records somebody else's work
// as his own. Where the user has changed such a file since, nothing is
// touched: his change, and what stands around it, shows in status.
func (r *Repo) settle(ctx context.Context, state refs.State) error {
	if r.tree == nil {
		return nil
	}
	from, to, pending, err := r.tree.Pending()
	if errors.Is(err, objects.ErrCorrupt) || err == nil && !pending {
		return nil // without a readable journal, status shows what differs
	}
	if err != nil {
		return err
	}
	base, err := r.treeOf(idOf(state.Get(nameBase)))
	if err != nil {
		return err
	}
	for _, step := range [][2]objects.ID{{from, to}, {to, base}} {
		if step[0] == step[1] {
			continue
		}
		res, err := r.applyPlan(ctx, step[0], step[1], worktree.PlanOptions{}, worktree.ApplyOptions{AllOrNothing: true})
		if err != nil || len(res.Waiting) > 0 {
			return err
		}
	}
	return nil
}
