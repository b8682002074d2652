package transport

import (
	"encoding/binary"
	"errors"
	"sync"
)

// batchSize is from where on a DATA message is sent: small frames share one,
// and few are lost when a transfer breaks.
const batchSize = 64 << 10

// batches is how many DATA messages are in memory per stream: one is being
// filled from the disk while another is being written.
const batches = 3

// read gives the entry's frame in the form that the list is about.
func (it *item) read(src Frames, buf []byte) ([]byte, error) {
	if it.plain {
		return src.PlainFrame(it.id, buf)
	}
	return src.Frame(it.id, buf)
}

// reads gives the frame of an entry, in buf's memory where it fits.
type reads func(i int, buf []byte) ([]byte, error)

func (m *manifest) reads(src Frames) reads {
	return func(i int, buf []byte) ([]byte, error) { return m.items[i].read(src, buf) }
}

// sendAll sends the frames of all entries, and END.
func (m *manifest) sendAll(w *writer, src Frames) error {
	needs := make(chan ranges, 1)
	if needs <- (ranges{{0, len(m.items)}}); len(m.items) == 0 {
		<-needs
		close(needs)
		return w.send(msgEnd, nil)
	}
	close(needs)
	return answerNeeds(w, needs, m.reads(src))
}

// answerNeeds sends the frames of one need after the other, in order, as DATA
// messages and an END each, until there are no more. While one message is
// written the next is read.
func answerNeeds(w *writer, needs <-chan ranges, read reads) error {
	f := &filler{read: read, full: make(chan []byte, batches), empty: make(chan []byte, batches), stop: make(chan struct{})}
	for range batches {
		f.empty <- nil
	}
	var readErr error
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(f.full)
		readErr = f.run(needs)
	})
	var err error
	for b := range f.full {
		if err = w.raw(b); err != nil {
			break
		}
		if cap(b) > 4*batchSize+maxControl {
			b = nil
		}
		f.empty <- b
	}
	close(f.stop)
	reading.Wait()
	if err == nil {
		err = readErr
	}
	return err
}

// filler reads frames into messages.
type filler struct {
	read        reads
	full, empty chan []byte
	stop        chan struct{}
	batch       []byte // being filled; nil when none is
	data        int    // where the DATA message under way begins, -1 for nowhere
	frame       []byte
}

var errStopped = errors.New("nobody listens")

func (f *filler) run(needs <-chan ranges) error {
	f.data = -1
	for {
		select {
		case <-f.stop:
			return nil
		case r, ok := <-needs:
			if !ok {
				return nil
			}
			if err := f.need(r); err != nil {
				if err == errStopped {
					err = nil
				}
				return err
			}
		}
	}
}

// need fills messages with the frames of one need, and END.
func (f *filler) need(r ranges) error {
	for _, s := range r {
		for i := s.from; i < s.to; i++ {
			var err error
			if f.frame, err = f.read(i, f.frame[:0]); err != nil {
				return err
			}
			if f.data >= 0 && len(f.batch)+len(f.frame) > 2*batchSize {
				if err := f.flush(); err != nil {
					return err
				}
			}
			if err := f.add(msgData, f.frame); err != nil {
				return err
			}
			if len(f.batch) >= batchSize {
				if err := f.flush(); err != nil {
					return err
				}
			}
			if cap(f.frame) > maxControl {
				f.frame = nil
			}
		}
	}
	if err := f.add(msgEnd, nil); err != nil {
		return err
	}
	return f.flush()
}

// add puts bytes into the DATA message under way, or begins a message.
func (f *filler) add(k kind, b []byte) error {
	if f.batch == nil {
		select {
		case f.batch = <-f.empty:
			if f.batch = f.batch[:0]; f.batch == nil {
				f.batch = make([]byte, 0, 2*batchSize)
			}
		case <-f.stop:
			return errStopped
		}
	}
	if k != msgData || f.data < 0 {
		f.seal()
		if k == msgData {
			f.data = len(f.batch)
		}
		f.batch = append(f.batch, byte(k), 0, 0, 0, 0)
	}
	f.batch = append(f.batch, b...)
	return nil
}

// seal writes the length of the DATA message under way.
func (f *filler) seal() {
	if f.data >= 0 {
		binary.LittleEndian.PutUint32(f.batch[f.data+1:], uint32(len(f.batch)-f.data-headerSize))
		f.data = -1
	}
}

// flush hands over what is filled.
func (f *filler) flush() error {
	f.seal()
	select {
	case f.full <- f.batch:
		f.batch = nil
		return nil
	case <-f.stop:
		return errStopped
	}
}
