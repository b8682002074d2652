package repo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/esync/esync/refs"
)

// UndoOptions says which operation to take back.
type UndoOptions struct {
	// Seq is the number of an operation; 0: the last one that is not taken
	// back yet, so that undo again and again goes further back.
	Seq uint64
	// Redo takes the last undo back instead.
	Redo bool
}

// UndoResult is what was taken back.
type UndoResult struct {
	Undone    refs.Operation
	Operation refs.Operation // the record of the undo itself
	Files     FilesResult
	// Note tells what undo could not reach, such as a peer's copy.
	Note string
}

// Undo takes an operation back: the names it moved and the files it changed.
// Files changed since then are never overwritten: *LocalChangesError. The
// error is ErrNothing when nothing is left, refs.ErrStale when a later
// operation has moved the same names on, and ErrForward when it was about
// members: settings and invitations only move forward, whatever else is undone.
func (r *Repo) Undo(ctx context.Context, o UndoOptions) (*UndoResult, error) {
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	target, op, err := r.undoPlan(o)
	if err != nil {
		return nil, err
	}
	res := &UndoResult{Undone: target}
	if !target.Work.Before.IsZero() || !target.Work.After.IsZero() {
		if res.Files, err = r.moveFiles(ctx, target.Work.After, target.Work.Before); err != nil {
			return nil, err
		}
		if len(res.Files.Waiting) > 0 {
			return nil, waitingError(res.Files.Waiting)
		}
	}
	who := r.operation("undo")
	op.Time, op.Command, op.Author, op.Device = who.Time, who.Command, who.Author, who.Device
	if res.Operation, err = r.refs.Apply(ctx, op); err != nil {
		return nil, err
	}
	if strings.HasPrefix(target.Command, "push") {
		res.Note = "the peer keeps what was pushed to it; only this copy's memory of it went back"
	}
	return res, nil
}

// undoPlan finds the operation to take back and the one that does it. What
// made the copy cannot be taken back.
func (r *Repo) undoPlan(o UndoOptions) (target, plan refs.Operation, err error) {
	if o.Redo {
		target, plan, err = refs.RedoPlan(r.undoable())
	} else {
		target, plan, err = refs.UndoPlan(r.undoable(), o.Seq)
	}
	if err == nil && len(plan.Changes) == 0 && plan.Work == (refs.Work{}) {
		return target, plan, fmt.Errorf("cannot undo %q: %w", target.Command, ErrForward)
	}
	if errors.Is(err, refs.ErrNothing) || err == nil && (target.Seq <= 1 || strings.HasPrefix(target.Command, "clone ")) {
		err = ErrNothing
	}
	return target, plan, err
}

// undoable are the operations as far as undo has a say in them: without the
// moves of settings and invitations, and without those that a sync made of
// nothing else. One by which the user changed members stays, though empty, so
// that undo does not take back something older in its place.
func (r *Repo) undoable() iter.Seq2[refs.Operation, error] {
	return func(yield func(refs.Operation, error) bool) {
		for op, err := range r.refs.Operations() {
			if err == nil {
				all := len(op.Changes)
				op.Changes = slices.DeleteFunc(slices.Clone(op.Changes), forwardOnly)
				if len(op.Changes) == 0 && all > 0 && op.Work == (refs.Work{}) && op.Undoes == 0 && bySync(op.Command) {
					continue
				}
			}
			if !yield(op, err) {
				return
			}
		}
	}
}

// forwardOnly tells whether a change is one that nothing takes back.
func forwardOnly(c refs.Change) bool {
	for _, root := range []string{underMeta, underInvite, underHostKey} {
		if _, is := c.Name.Under(root); is {
			return true
		}
	}
	if rest, is := c.Name.Under(underRemotes); is {
		_, rest, _ = strings.Cut(rest, "/")
		return strings.HasPrefix(rest, underMeta+"/")
	}
	return c.Name == nameName // it follows the settings
}

// bySync tells whether a command was about other copies, not about members.
func bySync(command string) bool {
	verb, _, _ := strings.Cut(command, " ")
	switch verb {
	case "pull", "push", "sync", "receive", "watch", "serve", "join":
		return true
	}
	return false
}

// Operations lists what was done in this copy, newest first; limit 0: all.
func (r *Repo) Operations(limit int) ([]refs.Operation, error) {
	var ops []refs.Operation
	for op, err := range r.refs.Operations() {
		if err != nil {
			return ops, err
		}
		ops = append(ops, op)
		if len(ops) == limit {
			break
		}
	}
	return ops, nil
}
