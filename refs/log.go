package refs

import (
	"bytes"
	"errors"
	"io"
)

// blockSize is what one read of the log fetches; records are mostly smaller
// than a tenth of it.
const blockSize = 64 << 10

// blockReader reads through one block, forwards and backwards alike.
type blockReader struct {
	r    io.ReaderAt
	size int64 // the log is taken to be this long
	at   int64
	buf  []byte
}

func newBlockReader(r io.ReaderAt, size int64) *blockReader { return &blockReader{r: r, size: size} }

// ReadAt implements io.ReaderAt.
func (b *blockReader) ReadAt(p []byte, offset int64) (int, error) {
	if len(p) > blockSize/2 {
		return b.r.ReadAt(p, offset)
	}
	end := offset + int64(len(p))
	if offset < b.at || end > b.at+int64(len(b.buf)) {
		// A quarter of the block lies before the wanted bytes, so that reading
		// backwards gains as well.
		b.at = max(0, offset-blockSize/4)
		want := min(blockSize, max(b.size, end)-b.at)
		if cap(b.buf) == 0 {
			b.buf = make([]byte, blockSize)
		}
		n, err := b.r.ReadAt(b.buf[:want], b.at)
		b.buf = b.buf[:n]
		if end > b.at+int64(n) {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
	}
	return copy(p, b.buf[offset-b.at:]), nil
}

// replay reads the records behind pos and hands each to fn. It returns the
// position behind the last whole one. What follows that is either a torn tail,
// which is no error, or a *DamageError.
func replay(r io.ReaderAt, size int64, pos position, fn func(Operation)) (position, error) {
	for pos.end < size {
		f, err := readFrame(r, pos.end, size)
		var disk *readError
		switch {
		case err == nil && f.follows(pos):
			fn(f.op)
			pos = f.behind(pos.end)
			continue
		case errors.As(err, &disk):
			return pos, err
		case err == nil:
			err = errors.New("it does not follow the record before it")
		}
		next, whole, ferr := findFrame(r, pos.end+1, size)
		if ferr != nil {
			return pos, ferr
		}
		if !whole && errors.Is(err, errTorn) {
			return pos, nil
		}
		damage := &DamageError{Offset: pos.end, End: size, From: pos.seq + 1, To: pos.seq + 1, Reason: err.Error()}
		if whole {
			damage.End, damage.To = next.offset, max(next.op.Seq, 1)-1
		}
		return pos, damage
	}
	return pos, nil
}

// follows tells whether f was written behind the record that pos is behind of.
// The first record may have any number.
func (f frame) follows(pos position) bool {
	return f.prev == pos.check && (pos.last == 0 || f.op.Seq == pos.seq+1)
}

// behind is the position behind f, which stands at offset.
func (f frame) behind(offset int64) position {
	return position{last: offset, end: offset + f.size, seq: f.op.Seq, check: f.check}
}

// found is a whole record somewhere in the log.
type found struct {
	frame
	offset int64
}

// findFrame looks for the next whole record at or behind offset.
func findFrame(r io.ReaderAt, offset, size int64) (found, bool, error) {
	buf := make([]byte, blockSize)
	for offset < size {
		n, err := r.ReadAt(buf[:min(blockSize, size-offset)], offset)
		if n == 0 && err != nil {
			if err == io.EOF {
				break
			}
			return found{}, false, &readError{err}
		}
		i := bytes.Index(buf[:n], []byte(recordMagic))
		if i < 0 {
			offset += int64(max(1, n-len(recordMagic)+1))
			continue
		}
		f, err := readFrame(r, offset+int64(i), size)
		var disk *readError
		if errors.As(err, &disk) {
			return found{}, false, err
		}
		if err == nil {
			return found{f, offset + int64(i)}, true, nil
		}
		offset += int64(i) + 1
	}
	return found{}, false, nil
}
