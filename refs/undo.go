package refs

import (
	"fmt"
	"iter"
)

// UndoPlan says which operation `undo` takes back, and gives the operation
// that does it. ops are the log's, newest first; they are read only as far as
// needed. seq 0 means the newest operation that still has an effect and takes
// nothing back itself, so undoing repeatedly goes further back; any other seq
// means that operation, an undo included. ErrNothing: there is none.
//
// Whether the names still are where the plan expects them is Apply's question.
func UndoPlan(ops iter.Seq2[Operation, error], seq uint64) (target, plan Operation, err error) {
	t := newTracker()
	for op, err := range ops {
		if err != nil {
			return target, plan, err
		}
		live := t.see(op)
		switch {
		case seq == 0 && live && op.Undoes == 0:
			return op, Inverse(op), nil
		case seq != 0 && op.Seq == seq && !live:
			return op, plan, fmt.Errorf("%w: operation %d is already taken back", ErrNothing, seq)
		case seq != 0 && op.Seq == seq:
			return op, Inverse(op), nil
		case op.Seq < seq:
			return target, plan, fmt.Errorf("%w: operation %d", ErrNothing, seq)
		}
	}
	return target, plan, fmt.Errorf("%w: nothing is left to undo", ErrNothing)
}

// RedoPlan is the opposite of UndoPlan: it takes back the newest undo that
// still has an effect, as long as nothing else happened since.
func RedoPlan(ops iter.Seq2[Operation, error]) (target, plan Operation, err error) {
	t := newTracker()
	seen := map[uint64]uint64{} // what each operation takes back
	var undoes []Operation      // may be the one, newest first
	settled := false            // something happened that is no undo
	for op, err := range ops {
		if err != nil {
			return target, plan, err
		}
		live := t.see(op)
		seen[op.Seq] = op.Undoes
		switch {
		case live && op.Undoes == 0:
			settled = true
		case live && !settled:
			undoes = append(undoes, op)
		}
		for len(undoes) > 0 {
			redo, known := isRedo(seen, undoes[0].Seq)
			if known && !redo {
				return undoes[0], Inverse(undoes[0]), nil
			}
			if !known {
				break
			}
			undoes = undoes[1:]
		}
		if settled && len(undoes) == 0 {
			break
		}
	}
	return target, plan, fmt.Errorf("%w: nothing is left to redo", ErrNothing)
}

// isRedo tells whether the operation takes back an undo, and whether that is
// known from the operations seen.
func isRedo(seen map[uint64]uint64, seq uint64) (redo, known bool) {
	depth := 0
	for {
		undoes, ok := seen[seq]
		if !ok {
			return false, false
		}
		if undoes == 0 || undoes >= seq {
			return depth%2 == 0, true
		}
		depth++
		seq = undoes
	}
}

// tracker tells, going back through the log, which operations still have an
// effect: those that no operation with an effect takes back.
type tracker struct{ dead map[uint64]bool }

func newTracker() tracker { return tracker{dead: map[uint64]bool{}} }

func (t tracker) see(op Operation) (live bool) {
	live = !t.dead[op.Seq]
	if live && op.Undoes != 0 {
		t.dead[op.Undoes] = true
	}
	return live
}
