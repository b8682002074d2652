package transport

import (
	"encoding/binary"
	"sync"
)

// batchSize is from where on a DATA message is sent: small frames share one,
// and few are lost when a transfer breaks.
const batchSize = 64 << 10

// batches is how many DATA messages are in memory per stream: one is being
// filled from the disk while another is being written.
const batches = 3

// sendFrames sends the frames of some entries, in order, as DATA messages.
func sendFrames(w *writer, src Frames, m *manifest, r ranges) error {
	return sendEntries(w, r, m.reads(src))
}

func (m *manifest) reads(src Frames) reads {
	return func(i int, buf []byte) ([]byte, error) { return m.items[i].read(src, buf) }
}

// read gives the entry's frame in the form that the list is about.
func (it *item) read(src Frames, buf []byte) ([]byte, error) {
	if it.plain {
		return src.PlainFrame(it.id, buf)
	}
	return src.Frame(it.id, buf)
}

// reads gives the frame of an entry, in buf's memory where it fits.
type reads func(i int, buf []byte) ([]byte, error)

func sendEntries(w *writer, r ranges, read reads) error {
	full := make(chan []byte, batches)
	empty := make(chan []byte, batches)
	for range batches {
		empty <- nil
	}
	var readErr error
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(full)
		readErr = readFrames(read, r, full, empty, stop)
	})
	var err error
	for b := range full {
		if err = w.raw(b); err != nil {
			break
		}
		if cap(b) > 4*batchSize+maxControl {
			b = nil
		}
		empty <- b
	}
	close(stop)
	reading.Wait()
	if err == nil {
		err = readErr
	}
	return err
}

// readFrames fills messages until stop.
func readFrames(read reads, r ranges, full, empty chan []byte, stop chan struct{}) error {
	var batch, frame []byte
	flush := func() bool {
		binary.LittleEndian.PutUint32(batch[1:], uint32(len(batch)-headerSize))
		select {
		case full <- batch:
		case <-stop:
			return false
		}
		batch = nil
		return true
	}
	for _, s := range r {
		for i := s.from; i < s.to; i++ {
			var err error
			if frame, err = read(i, frame[:0]); err != nil {
				return err
			}
			if len(batch) > headerSize && len(batch)+len(frame) > 2*batchSize && !flush() {
				return nil
			}
			if batch == nil {
				select {
				case batch = <-empty:
				case <-stop:
					return nil
				}
				batch = append(batch[:0], byte(msgData), 0, 0, 0, 0)
			}
			batch = append(batch, frame...)
			if len(batch) >= batchSize && !flush() {
				return nil
			}
			if cap(frame) > maxControl {
				frame = nil
			}
		}
	}
	if len(batch) > headerSize {
		flush()
	}
	return nil
}
