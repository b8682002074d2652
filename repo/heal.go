package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/objects/pack"
	"github.com/esync/esync/transport"
)

// HealResult is what Heal did.
type HealResult struct {
	// Healed is how many objects were damaged or missing and can be read
	// again.
	Healed int
	// From are the copies that had them, besides this one's own files.
	From []string
	// Left is what Fsck finds afterwards.
	Left *FsckResult
}

// Heal makes what is damaged or missing in this copy's store whole again: from
// what the store and the user's files still hold, then from other copies, one after another
// until nothing is left to heal: the peer that is named, or the parent and all
// who could stand in for it. Nothing is believed but content that has the ID it
// should have. Names do not move.
func (r *Repo) Heal(ctx context.Context, typed string) (*HealResult, error) {
	lock, err := waitLock(ctx, r.meta, lockFile, lockWait)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	h := &healing{repo: r, res: &HealResult{}, lacked: map[objects.ID]bool{}}
	if err := h.look(ctx); err != nil || len(h.lacks) == 0 {
		return h.res, err
	}
	if _, err := r.store.Salvage(ctx); err != nil {
		return nil, err
	}
	if err := h.files(ctx); err != nil {
		return nil, err
	}
	if err := h.look(ctx); err != nil {
		return nil, err
	}
	if len(h.lacks) > 0 {
		err = h.others(ctx, typed)
	}
	return h.res, err
}

// healing is one call of Heal.
type healing struct {
	repo *Repo
	res  *HealResult
	// lacked are all objects that ever could not be read, lacks those that
	// cannot be now.
	lacked map[objects.ID]bool
	lacks  []objects.ID
}

// look finds what cannot be read. More may show once folders and commits can
// be read again.
func (h *healing) look(ctx context.Context) (err error) {
	if h.res.Left, err = h.repo.Fsck(ctx); err != nil {
		return err
	}
	h.lacks = nil
	for _, d := range h.res.Left.Damage {
		if !d.ID.IsZero() {
			h.lacks = append(h.lacks, d.ID)
			h.lacked[d.ID] = true
		}
	}
	h.res.Healed = len(h.lacked) - len(h.lacks)
	return nil
}

// others asks other copies, until nothing is lacking or nobody is left. That
// nobody is there is an error only when nobody was.
func (h *healing) others(ctx context.Context, typed string) error {
	a, err := h.repo.atlas()
	if err != nil {
		return err
	}
	it, err := a.itinerary(typed)
	if errors.Is(err, ErrNoParent) {
		it, err = itinerary{others: a.everyWay()}, nil
	}
	if err != nil {
		return err
	}
	s := newSearch(h.repo.env, a, it, transport.LevelRead)
	for asked := 0; len(h.lacks) > 0; asked++ {
		p, conn, err := s.run(ctx)
		if err != nil {
			if asked > 0 && errors.Is(err, ErrUnreachable) {
				return nil
			}
			return err
		}
		if err := h.from(ctx, p, conn); err != nil {
			return err
		}
		if typed != "" {
			return nil
		}
		s.leave(p)
		s.late = true
	}
	return nil
}

// from asks one copy as long as that mends anything.
func (h *healing) from(ctx context.Context, p peer, conn Connection) error {
	defer conn.Close()
	helped := false
	for len(h.lacks) > 0 {
		state, err := h.repo.refs.State()
		if err != nil {
			return err
		}
		res, err := transport.Heal(ctx, conn, transport.HealRequest{
			Engagement: engagementOf(p.source), Sender: h.repo.sender(), IDs: h.lacks,
		}, h.repo.local(state, p.name, "receiving"))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			h.repo.env.warn(fmt.Sprintf("%s cannot help: %v", p, explain(err)))
		}
		if len(res.Healed) > 0 && !helped {
			helped = true
			h.res.From = append(h.res.From, p.name)
		}
		if len(res.Healed) == 0 {
			return nil
		}
		if err := h.look(ctx); err != nil {
			return err
		}
	}
	return nil
}

// files stores once more what the user's files still have as it was recorded.
func (h *healing) files(ctx context.Context) error {
	r := h.repo
	state, err := r.refs.State()
	if err != nil || r.tree == nil {
		return err
	}
	tree, err := r.treeOf(idOf(state.Get(nameBase)))
	if err != nil {
		return nil // other copies have to help
	}
	w, err := r.store.Mend("heal-files")
	if err != nil {
		return err
	}
	defer w.Close()
	tried := map[string]bool{}
	for _, d := range h.res.Left.Damage {
		for _, path := range d.Paths {
			if tried[path] || ctx.Err() != nil {
				continue
			}
			tried[path] = true
			if e, ok, err := graph.Lookup(r.store, tree, path); err == nil && ok && !e.Mode.IsFolder() {
				if err := r.storeAgain(w, path, e.ID); err != nil {
					return err
				}
			}
		}
	}
	return w.Commit()
}

// storeAgain stores a file if its content is the one that is wanted. A file
// that cannot be read is none of ours to mend.
func (r *Repo) storeAgain(w *pack.Writer, path string, want objects.ID) error {
	f, err := r.files.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	sum := objects.NewHasher(objects.KindBlob)
	size, err := io.Copy(sum, f)
	if err != nil || sum.ID() != want {
		return nil
	}
	_, _, err = w.PutBlob(io.NewSectionReader(f, 0, size), size, objects.ID{})
	return err
}
