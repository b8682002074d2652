package refs

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrBadName: a text is no name of a ref.
	ErrBadName = errors.New("not a ref name")
	// ErrBadValue: a value is too long or is no text.
	ErrBadValue = errors.New("not a ref value")
	// ErrStale: a name no longer has the value a change starts from.
	// *StaleError lists them.
	ErrStale = errors.New("refs have moved")
	// ErrCorrupt: the log is damaged. *DamageError says where.
	ErrCorrupt = errors.New("refs log is damaged")
	// ErrVersion: the log was written by a later version of the program.
	ErrVersion = errors.New("refs log is of an unknown version")
	// ErrBusy: another process held the lock for as long as Apply waits.
	ErrBusy = errors.New("refs are locked by another process")
	// ErrTooLarge: an operation has more changes than one record holds.
	ErrTooLarge = errors.New("operation is too large")
	// ErrNothing: no operation is left that could be taken back or done again.
	ErrNothing = errors.New("no such operation")
)

// Stale is one name that is not where a change expected it.
type Stale struct {
	Name             Name
	Expected, Actual Value
}

// StaleError lists every name of an operation that has moved. It unwraps to
// ErrStale.
type StaleError struct {
	Names []Stale
}

func (e *StaleError) Error() string {
	var b strings.Builder
	b.WriteString(ErrStale.Error())
	for i, s := range e.Names {
		sep := ","
		if i == 0 {
			sep = ":"
		}
		fmt.Fprintf(&b, "%s %q is %s, not %s", sep, s.Name, s.Actual.brief(), s.Expected.brief())
	}
	return b.String()
}

func (e *StaleError) Unwrap() error { return ErrStale }

// DamageError says which part of the log cannot be read. It unwraps to
// ErrCorrupt.
type DamageError struct {
	// Offset and End bound the damaged bytes of refs/log. They are equal when
	// two records are whole but do not belong together.
	Offset, End int64
	// From and To are the first and last operation lost; From > To when none
	// is.
	From, To uint64
	// Reason is what was wrong at Offset.
	Reason string
}

func (e *DamageError) Error() string {
	lost := "no operation is"
	switch {
	case e.From == e.To:
		lost = fmt.Sprintf("operation %d is", e.From)
	case e.From < e.To:
		lost = fmt.Sprintf("operations %d to %d are", e.From, e.To)
	}
	return fmt.Sprintf("%v: %s lost in bytes %d to %d of %q: %s", ErrCorrupt, lost, e.Offset, e.End, logFile, e.Reason)
}

func (e *DamageError) Unwrap() error { return ErrCorrupt }
