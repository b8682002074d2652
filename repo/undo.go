package repo

import (
	"context"
	"errors"
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
// error is ErrNothing when nothing is left, and refs.ErrStale when a later
// operation has moved the same names on.
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
		target, plan, err = refs.RedoPlan(r.refs.Operations())
	} else {
		target, plan, err = refs.UndoPlan(r.refs.Operations(), o.Seq)
	}
	if errors.Is(err, refs.ErrNothing) || err == nil && (target.Seq <= 1 || strings.HasPrefix(target.Command, "clone ")) {
		err = ErrNothing
	}
	return target, plan, err
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
