package refs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
)

// Work is the trees that the user's files stood for before and after an
// operation. Both are zero when it left the files alone; one alone may be zero
// for an empty folder.
type Work struct {
	Before, After objects.ID
}

// Operation is one entry of the log.
type Operation struct {
	// Seq is given by Apply, counting from 1.
	Seq uint64
	// Time is given by Apply when it is zero. It is kept in milliseconds.
	Time time.Time
	// Command is what the user typed, Author and Device who did it and where.
	Command, Author, Device string
	// Changes are ascending by name in operations that come from a Store.
	Changes []Change
	Work    Work
	// Undoes is the operation that this one takes back, or 0.
	Undoes uint64
}

// Inverse is the operation that takes op back: every change and the files. Its
// who and when are for the caller to fill in.
func Inverse(op Operation) Operation {
	inv := Operation{Undoes: op.Seq, Work: Work{Before: op.Work.After, After: op.Work.Before}}
	for _, c := range op.Changes {
		inv.Changes = append(inv.Changes, Change{Name: c.Name, Old: c.New, New: c.Old})
	}
	return inv
}

// maxText bounds command, author and device.
const maxText = 4096

// normal checks op and returns it as the log keeps it, without the changes
// that change nothing.
func (op Operation) normal() (Operation, error) {
	for _, s := range []string{op.Command, op.Author, op.Device} {
		if len(s) > maxText || !utf8.ValidString(s) {
			return op, fmt.Errorf("%w: text of %d bytes", ErrBadValue, len(s))
		}
	}
	op.Time = time.UnixMilli(op.Time.UnixMilli()).UTC()
	changes := slices.Clone(op.Changes)
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Name.text, b.Name.text) })
	op.Changes = changes[:0]
	for i, c := range changes {
		if c.Name.IsZero() {
			return op, fmt.Errorf("%w: it is empty", ErrBadName)
		}
		if i > 0 && changes[i-1].Name == c.Name {
			return op, fmt.Errorf("%w: %q stands twice in one operation", ErrBadName, c.Name)
		}
		if err := errors.Join(c.Old.check(), c.New.check()); err != nil {
			return op, fmt.Errorf("change %q: %w", c.Name, err)
		}
	}
	for _, c := range changes {
		if c.Old != c.New {
			op.Changes = append(op.Changes, c)
		}
	}
	if len(op.Changes) == 0 {
		op.Changes = nil
	}
	return op, nil
}

// encode gives the body of op's record. op is normal.
func (op Operation) encode() []byte {
	b := binary.LittleEndian.AppendUint64(nil, op.Seq)
	b = binary.AppendVarint(b, op.Time.UnixMilli())
	b = codec.AppendString(b, op.Command)
	b = codec.AppendString(b, op.Author)
	b = codec.AppendString(b, op.Device)
	b = binary.AppendUvarint(b, op.Undoes)
	if op.Work == (Work{}) {
		b = append(b, 0)
	} else {
		b = append(b, 1)
		b = append(b, op.Work.Before[:]...)
		b = append(b, op.Work.After[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(op.Changes)))
	for _, c := range op.Changes {
		b = codec.AppendString(b, c.Name.text)
		b = codec.AppendString(b, string(c.Old))
		b = codec.AppendString(b, string(c.New))
	}
	return b
}

// decodeOperation reads what encode made, and nothing else.
func decodeOperation(body []byte) (Operation, error) {
	d := newDecoder(body)
	op := Operation{Seq: d.Uint64()}
	if op.Seq == 0 {
		d.Fail("sequence number 0")
	}
	op.Time = time.UnixMilli(d.Varint()).UTC()
	op.Command, op.Author, op.Device = d.Text(maxText), d.Text(maxText), d.Text(maxText)
	op.Undoes = d.Uvarint()
	switch flag := d.Byte(); flag {
	case 0:
	case 1:
		op.Work = Work{Before: d.ID(), After: d.ID()}
		if d.Err() == nil && op.Work == (Work{}) {
			d.Fail("files flagged and absent")
		}
	default:
		d.Fail("flag %d", flag)
	}
	last := ""
	for n := d.Count(3, maxBody); n > 0 && d.Err() == nil; n-- {
		c := Change{Name: d.name(last), Old: d.value(), New: d.value()}
		if d.Err() == nil && c.Old == c.New {
			d.Fail("%q does not change", c.Name)
		}
		last = c.Name.text
		op.Changes = append(op.Changes, c)
	}
	return op, d.End()
}
