package transport

import (
	"errors"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// frame stores a frame, or keeps it until it can be.
func (r *receiver) frame(b []byte, from *lane) (waits bool, err error) {
	info, err := pack.ParseFrame(b)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrBadData, err)
	}
	if r.wanted != nil && !r.wanted(info.ID) {
		return false, fmt.Errorf("%w: frame of %s, which nobody asked for", ErrProtocol, info.ID.Short())
	}
	return r.put(heldFrame{info.ID, b, from})
}

// put stores a frame, and those that waited for it. An error is about the
// frame itself.
func (r *receiver) put(f heldFrame) (waits bool, err error) {
	first := true
	for queue := []heldFrame{f}; len(queue) > 0; first = false {
		f, queue = queue[0], queue[1:]
		info, err := r.w.PutFrame(f.b)
		switch {
		case errors.Is(err, pack.ErrBase):
			if err := r.wait(f); err != nil {
				return false, err
			}
			waits = waits || first
			continue
		case err != nil && first:
			return false, badFrame(f.id, err)
		case err != nil:
			if err := r.accuse(f.from, badFrame(f.id, err)); err != nil {
				return waits, err
			}
			continue
		}
		r.mu.Lock()
		if ready := r.waiting[info.ID]; ready != nil {
			delete(r.waiting, info.ID)
			queue = append(queue, ready...)
			r.released(ready)
		}
		r.mu.Unlock()
		if !first && f.from != nil {
			r.stored(f.from, int64(len(f.b)), false)
		}
	}
	return waits, nil
}

// released notes that frames wait no more.
func (r *receiver) released(frames []heldFrame) {
	for i := range frames {
		r.holding -= len(frames[i].b)
		delete(r.held, frames[i].id)
	}
}

// wait keeps a frame until its base has come.
func (r *receiver) wait(f heldFrame) error {
	info, err := pack.ParseFrame(f.b)
	if err != nil {
		return err
	}
	f.b = append([]byte(nil), f.b...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !info.Form.HasBase() || r.has(info.Base) {
		// What it lacks is not the base itself, but a piece that is on its
		// way; or the base came between the attempt and now.
		r.late = append(r.late, f)
	} else {
		r.waiting[info.Base] = append(r.waiting[info.Base], f)
	}
	r.held[f.id] = struct{}{}
	r.holding += len(f.b)
	return nil
}

// here tells whether an object is stored, or will be when its base is.
func (r *receiver) here(id objects.ID) bool {
	r.mu.Lock()
	_, held := r.held[id]
	r.mu.Unlock()
	return held || r.has(id)
}

func (r *receiver) has(id objects.ID) bool {
	ok, err := r.w.Has(id)
	return ok && err == nil
}

// badFrame tells bad data from a disk that fails.
func badFrame(id objects.ID, err error) error {
	if errors.Is(err, pack.ErrFrame) || errors.Is(err, objects.ErrCorrupt) || errors.Is(err, objects.ErrMalformed) {
		return fmt.Errorf("%w: object %s: %w", ErrBadData, id.Short(), err)
	}
	return err
}

// drain waits until everything handed over is done with, and tries again what
// had to wait. What cannot be stored still stays for the next drain.
func (r *receiver) drain() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.under > 0 {
		r.idle.Wait()
	}
	for {
		again := r.late
		r.late = nil
		for base, frames := range r.waiting {
			if r.has(base) {
				again = append(again, frames...)
				delete(r.waiting, base)
			}
		}
		r.released(again)
		r.mu.Unlock()
		var err error
		for _, f := range again {
			var waits bool
			if waits, err = r.put(f); !waits && f.from != nil {
				r.stored(f.from, int64(len(f.b)), false)
			}
			if err = r.accuse(f.from, err); err != nil {
				break
			}
		}
		r.mu.Lock()
		r.failed(err)
		if len(r.late) >= len(again) || r.err != nil {
			return r.err
		}
	}
}

// finish drains for the last time. Frames that still wait lack a base that did
// not come.
func (r *receiver) finish() error {
	err := r.drain()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.holding > 0 {
		err = fmt.Errorf("%w: %d bytes wait for it", ErrMissingBase, r.holding)
	}
	return err
}

// purge forgets what still waits, and gives it.
func (r *receiver) purge() []heldFrame {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.late
	for _, frames := range r.waiting {
		all = append(all, frames...)
	}
	r.late = nil
	clear(r.waiting)
	r.released(all)
	return all
}
