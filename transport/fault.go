package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// encodeFault gives the ERROR message of an error. Words leave this side only
// where they are this package's own: what a disk or a path was called is
// nobody else's business.
func encodeFault(err error) []byte {
	f := fault{code: 1}
	switch { // a code that stands earlier in the table counts
	case errors.Is(err, syscall.ENOSPC):
		err = errors.Join(err, ErrNoRoom)
	case errors.Is(err, objects.ErrCorrupt), errors.Is(err, refs.ErrCorrupt):
		err = errors.Join(err, ErrDamaged)
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			f.code, f.text = c.code, c.err.Error()
			break
		}
	}
	var unrelated *UnrelatedError
	var stale *StaleError
	switch {
	case errors.As(err, &unrelated):
		f.id, f.name = unrelated.Ours, unrelated.Name
	case errors.As(err, &stale):
		f.tips, f.old = stale.Tips, stale.Names
		if stale.Dropped {
			f.code = 8
		}
	case errors.Is(err, ErrProtocol):
		f.text = err.Error()
	}
	var told *toldError
	if errors.As(err, &told) {
		f.text = told.words
	}
	b := binary.AppendUvarint(nil, f.code)
	b = codec.AppendString(b, f.text[:min(len(f.text), maxErrorText)])
	b = append(b, f.id[:]...)
	b = codec.AppendString(b, f.name)
	b = appendTips(b, f.tips)
	b = binary.AppendUvarint(b, uint64(len(f.old)))
	for _, s := range f.old {
		expected, _ := s.Expected.ID()
		actual, _ := s.Actual.ID()
		b = codec.AppendString(b, s.Name.String())
		b = append(b, expected[:]...)
		b = append(b, actual[:]...)
	}
	return b
}

// decodeFault gives the error of an ERROR message. Its first two fields never
// change; later versions may add fields at the end.
func decodeFault(payload []byte) error {
	d := newDecoder(payload)
	f := fault{code: d.Uvarint(), text: clean(string(d.Bytes(maxErrorText)))}
	if d.Err() != nil {
		return d.Err()
	}
	sentinel := ErrPeer
	for _, c := range codes {
		if c.code == f.code {
			sentinel = c.err
		}
	}
	f.id = d.ID()
	f.name = clean(d.Text(maxEngagement))
	f.tips = d.tips()
	for range d.Count(1+2*objects.IDSize, maxChanges) {
		s := refs.Stale{Name: d.name(), Expected: refs.IDValue(d.ID()), Actual: refs.IDValue(d.ID())}
		f.old = append(f.old, s)
	}
	if d.Err() != nil { // of another version, perhaps: what it is about is known
		return &PeerError{sentinel, f.text}
	}
	switch sentinel {
	case ErrUnrelated:
		return &UnrelatedError{Theirs: f.id, Name: f.name}
	case ErrStale, ErrNotFastForward:
		return &StaleError{Names: f.old, Tips: f.tips, Dropped: sentinel == ErrNotFastForward}
	}
	return &PeerError{sentinel, f.text}
}

// report tells the peer why the conversation ends, if it still listens, and
// returns the reason.
func (w *writer) report(err error) error {
	if w.err != nil || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if sendErr := w.send(msgError, encodeFault(err)); sendErr != nil {
		return err
	}
	if flushErr := w.flush(); flushErr != nil {
		return fmt.Errorf("%w (and it could not be reported: %w)", err, flushErr)
	}
	return err
}
