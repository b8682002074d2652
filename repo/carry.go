package repo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// movesMeta tells whether some of the changes move the settings or admissions
// of this copy.
func movesMeta(changes []refs.Change) bool {
	for _, c := range changes {
		if _, is := c.Name.Under(underMeta); is {
			return true
		}
	}
	return false
}

// fetchMeta brings the settings and admissions that a peer names and this copy
// lacks, over the connection at hand. No name moves. So a copy that only
// pushes hears of who was revoked.
func (r *Repo) fetchMeta(ctx context.Context, p peer, conn Connection, state refs.State, theirs transport.Tips) (transport.Traffic, error) {
	lacking := false
	for _, tip := range theirs {
		if _, is := tip.Name.Under(underMeta); is {
			here, err := r.store.Has(tip.ID)
			if err != nil {
				return transport.Traffic{}, err
			}
			lacking = lacking || !here
		}
	}
	if !lacking {
		return transport.Traffic{}, nil
	}
	got, err := transport.Fetch(ctx, conn, transport.FetchRequest{
		Engagement: engagementOf(p.source), Sender: r.sender(), Want: []string{underMeta + "/*"},
	}, r.local(state, p.name, "receiving"))
	return got.Traffic, explain(err)
}

// history gives all commits that names reach, parents before their children.
func history(src objects.Source, tips transport.Tips) ([]objects.ID, error) {
	var all []objects.ID
	for node, err := range graph.Walk(graph.NewCache(src), tips.IDs()...) {
		if err != nil {
			return nil, err
		}
		all = append(all, node.ID)
	}
	slices.Reverse(all)
	return all, nil
}

// forked is ErrForked when a peer has settings that do not follow from ours,
// nor ours from them.
func (r *Repo) forked(state refs.State, theirs transport.Tips) error {
	tip := theirs.Get(nameSettings)
	if tip.IsZero() {
		return nil
	}
	chain, err := r.chainAt(idOf(state.Get(nameSettings)))
	if err != nil {
		return err
	}
	if _, err := chain.Extend(r.store, tip); errors.Is(err, roster.ErrFork) {
		return fmt.Errorf("%w; ask the office which are right: a copy with the wrong ones must be cloned anew", err)
	}
	return nil
}
