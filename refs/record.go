package refs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	headerSize  = 16
	logVersion  = 1
	recordHead  = 16
	recordTail  = 4
	maxBody     = 16 << 20 // tens of thousands of changes in one operation
	minBody     = 8 + 7    // of an operation with nothing in it
	pageSize    = 4096     // the least that a disk cache writes at once
	logMagic    = "esyncref"
	recordMagic = "\xe5op\n"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// position is a place in the log behind a whole record, or behind the header.
type position struct {
	last  int64  // offset of that record; 0 when there is none
	end   int64  // offset behind it
	seq   uint64 // its sequence number
	check uint32 // its check
}

// start is the position in an empty log.
var start = position{end: headerSize}

func logHeader() []byte {
	b := append([]byte(logMagic), logVersion, 0, 0, 0)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func checkHeader(b []byte) error {
	switch {
	case len(b) < headerSize:
		return errTorn
	case string(b[:8]) != logMagic, crc32.Checksum(b[:12], castagnoli) != binary.LittleEndian.Uint32(b[12:]):
		return errors.New("header is damaged")
	case binary.LittleEndian.Uint32(b[8:]) != logVersion:
		return fmt.Errorf("%w: %d", ErrVersion, binary.LittleEndian.Uint32(b[8:]))
	}
	return nil
}

// appendRecord frames op as the record that follows pos, and gives the
// position behind it.
func appendRecord(b []byte, pos position, op Operation) ([]byte, position, error) {
	body := op.encode()
	if len(body) > maxBody {
		return nil, pos, fmt.Errorf("%w: %d bytes, and %d is the limit", ErrTooLarge, len(body), maxBody)
	}
	at := len(b)
	b = append(b, recordMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, pos.check)
	sum := recordCheck(b[at+4:at+12], body)
	b = binary.LittleEndian.AppendUint32(b, sum)
	b = append(b, body...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	return b, position{last: pos.end, end: pos.end + int64(len(b)-at), seq: op.Seq, check: sum}, nil
}

func recordCheck(head, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, body)
}

// errTorn: the bytes may come from a write that was cut off.
var errTorn = errors.New("record is cut off")

// frame is a record whose own check is right.
type frame struct {
	op    Operation
	prev  uint32 // check of the record it was written behind
	check uint32
	size  int64
}

// readFrame reads the record at an offset of a log of the given size. The
// error is errTorn, or the reason for which these bytes are damage, or that of
// reading.
func readFrame(r io.ReaderAt, offset, size int64) (frame, error) {
	var head [recordHead]byte
	if size-offset < recordHead+recordTail {
		return frame{}, errTorn
	}
	if err := readAt(r, head[:], offset); err != nil {
		return frame{}, err
	}
	n := int64(binary.LittleEndian.Uint32(head[4:]))
	if string(head[:4]) != recordMagic || n < minBody || n > maxBody || size-offset < recordHead+n+recordTail {
		if ended(r, offset, size) {
			return frame{}, errors.New("its beginning is wrong") // the end was written, so all was
		}
		return frame{}, errTorn
	}
	body := make([]byte, n+recordTail)
	if err := readAt(r, body, offset+recordHead); err != nil {
		return frame{}, err
	}
	tail := int64(binary.LittleEndian.Uint32(body[n:]))
	body = body[:n]
	f := frame{
		prev:  binary.LittleEndian.Uint32(head[8:]),
		check: binary.LittleEndian.Uint32(head[12:]),
		size:  recordHead + n + recordTail,
	}
	switch {
	case tail != n && tail != 0 && recordCheck(head[4:12], body) == f.check:
		return frame{}, errors.New("its end is wrong")
	case tail != n && ended(r, offset, size):
		return frame{}, errors.New("its beginning is wrong")
	case tail != n:
		return frame{}, errTorn
	case recordCheck(head[4:12], body) != f.check && f.size <= pageSize:
		return frame{}, errors.New("its check is wrong") // both ends were written, so all was
	case recordCheck(head[4:12], body) != f.check:
		return frame{}, errTorn
	}
	var err error
	f.op, err = decodeOperation(body)
	return f, err
}

// ended tells whether the log ends with the end of a record of one page that
// began at offset.
func ended(r io.ReaderAt, offset, size int64) bool {
	n := size - offset - recordHead - recordTail
	var tail [recordTail]byte
	if n < minBody || size-offset > pageSize || readAt(r, tail[:], size-recordTail) != nil {
		return false
	}
	return int64(binary.LittleEndian.Uint32(tail[:])) == n
}

// readAt is ReadAt of all of b; what is no longer there is torn.
func readAt(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF:
		return errTorn
	}
	return &readError{err}
}

// readError is an error of the disk, not of what stands on it.
type readError struct{ err error }

func (e *readError) Error() string { return "read refs log: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }
