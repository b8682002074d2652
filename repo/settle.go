package repo

import (
	"context"
	"errors"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/worktree"
)

// settle brings files that a crash left half-way between two trees back to the
// one that they stand on, so that nobody records somebody else's work
// as his own; or, when neither tree is that one, back to what they held before,
// which may be work that is recorded nowhere else. Where the user has changed
// such a file since, nothing is touched: his change, and what stands around it,
// shows in status.
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
	base, err := r.standing(state)
	if err != nil {
		return err
	}
	if to == base {
		from, to = to, from
	}
	res, err := r.applyPlan(ctx, to, from, worktree.PlanOptions{Base: base}, worktree.ApplyOptions{AllOrNothing: true})
	if err == nil && len(res.Waiting) > 0 {
		err = r.tree.Forget() // whatever is recorded next is what the user wants
	}
	return err
}
