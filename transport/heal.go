package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// HealRequest says what to heal.
type HealRequest struct {
	// Engagement is its name, or its path at the peer, at most 1 KiB.
	Engagement string
	// Sender is as in a FetchRequest.
	Sender string
	// IDs are objects that this copy's store should have, and cannot give. What
	// a folder or commit among them refers to shows only when it can be read,
	// so whoever heals a history asks again until nothing is missing.
	IDs []objects.ID
}

// HealResult is what a healing came to.
type HealResult struct {
	About
	// Healed can be read now, Missing still cannot.
	Healed, Missing []objects.ID
	// Salvaged is what this copy helped itself to.
	Salvaged pack.SalvageResult
	Traffic  Traffic
}

// Heal makes damaged and missing objects of this copy whole again: first what
// its own files still hold, then from the history of the names that the peer
// shares. Names do not move, and nothing but the objects asked for, and their
// pieces, is stored. What one peer has not another may have.
func Heal(ctx context.Context, o Opener, req HealRequest, local Local) (res HealResult, err error) {
	if res.Salvaged, err = local.Store.Salvage(ctx); err != nil {
		return res, cause(ctx, err)
	}
	h := healer{fetch: fetch{
		req:   FetchRequest{Engagement: req.Engagement, Sender: req.Sender},
		local: &local, meter: &meter{}, sources: []*source{{o: o}},
	}}
	lacking := h.lacking(req.IDs)
	if len(lacking) > 0 {
		err = h.run(ctx, lacking)
	}
	res.About, res.Traffic = h.result.About, h.meter.traffic()
	for _, id := range req.IDs {
		if local.Store.Check(id) == nil {
			res.Healed = append(res.Healed, id)
		} else {
			res.Missing = append(res.Missing, id)
		}
	}
	if s := &res.Salvaged; err == nil && !s.Unnamed && len(h.lacking(s.Lost)) == 0 {
		err = local.Store.Discard(s.Kept)
		s.Kept = nil
	}
	return res, cause(ctx, err)
}

// healer is a fetch of chosen objects.
type healer struct {
	fetch
}

// lacking are the objects that cannot be read.
func (h *healer) lacking(ids []objects.ID) (bad []objects.ID) {
	for _, id := range ids {
		if h.local.Store.Check(id) != nil {
			bad = append(bad, id)
		}
	}
	return bad
}

func (h *healer) run(ctx context.Context, ids []objects.ID) (err error) {
	if h.part, err = h.local.Store.Mend("heal"); err != nil {
		if errors.Is(err, pack.ErrBusy) {
			err = fmt.Errorf("another healing is under way: %w", err)
		}
		return err
	}
	defer func() {
		if closeErr := h.part.Close(); err == nil {
			err = closeErr
		}
	}()
	h.request = &request{
		min: minVersion, max: maxVersion, features: features, verb: verbFetch,
		engagement: h.req.Engagement, id: h.local.Engagement, sender: h.req.Sender, bases: noBases,
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, in, stop, err := h.meter.call(ctx, h.sources[0].o, h.request)
	if err != nil {
		return err
	}
	defer s.Close()
	defer stop()
	a, err := hear(in, h.local.Engagement)
	if err != nil {
		return err
	}
	h.result.About = a.about
	if a.manifest == nil {
		return s.CloseWrite()
	}
	if err := h.heal(ctx, a.manifest, ids, s, in); err != nil {
		return err
	}
	if err := h.part.Commit(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// heal brings objects by their places in the list. A large file is stored in
// pieces there, and perhaps not here: those that are not here follow.
func (h *healer) heal(ctx context.Context, m *manifest, ids []objects.ID, s Stream, in *reader) error {
	index := map[objects.ID]int32{}
	t := newTransfer(m, h.part, index, h.sources)
	defer t.close()
	for {
		need := h.places(m, ids, index)
		if need.len() == 0 {
			if t.round == 0 {
				return s.CloseWrite()
			}
			return nil
		}
		err := h.bring(ctx, t, need, s, in)
		t.round++ // the stream is used up
		if !errors.Is(err, ErrMissingBase) {
			return err
		}
		if ids, err = h.pieces(t.unmet, index); err != nil {
			return err
		}
	}
}

// places finds objects in the list that have not come. What the list does not
// have stays missing.
func (h *healer) places(m *manifest, ids []objects.ID, index map[objects.ID]int32) (need ranges) {
	wanted := make(map[objects.ID]bool, len(ids))
	for _, id := range ids {
		if ok, err := h.part.Has(id); err != nil || !ok {
			wanted[id] = true
		}
	}
	for i := range m.items {
		if id := m.items[i].id; wanted[id] {
			delete(wanted, id)
			index[id] = int32(i)
			need = need.add(i)
		}
	}
	return need
}

// pieces names what frames that could not be stored lack, and themselves. It is
// nothing when all that they lack has been asked for.
func (h *healer) pieces(unmet []heldFrame, asked map[objects.ID]int32) (ids []objects.ID, err error) {
	lacking := false
	for _, f := range unmet {
		chunks, err := pack.Chunks(f.b)
		if err != nil {
			return nil, err
		}
		for _, id := range chunks {
			if _, again := asked[id]; !again && h.local.Store.Check(id) != nil {
				lacking = true
				ids = append(ids, id)
			}
		}
		ids = append(ids, f.id)
	}
	if !lacking {
		return nil, nil
	}
	return ids, nil
}
