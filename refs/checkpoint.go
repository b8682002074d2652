package refs

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/internal/fsys"
)

const (
	checkpointMagic   = "esyncrst"
	checkpointVersion = 1
	// checkpointEvery bounds the records that opening replays. One write of
	// the state costs about as much as replaying this many.
	checkpointEvery = 64
	// maxCheckpoint is far beyond any state that fits in memory with comfort.
	maxCheckpoint = 1 << 30
)

// errNoCheckpoint: there is none that can be used.
var errNoCheckpoint = errors.New("no checkpoint")

func encodeCheckpoint(s State, pos position) []byte {
	b := append([]byte(checkpointMagic), checkpointVersion, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, uint64(pos.last))
	b = binary.LittleEndian.AppendUint64(b, uint64(pos.end))
	b = binary.LittleEndian.AppendUint64(b, pos.seq)
	b = binary.LittleEndian.AppendUint32(b, pos.check)
	b = binary.AppendUvarint(b, uint64(s.Len()))
	for n, v := range s.List("") {
		b = codec.AppendString(b, n.text)
		b = codec.AppendString(b, string(v))
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeCheckpoint(b []byte) (State, position, error) {
	n := len(b) - 4
	if n < 12 || string(b[:8]) != checkpointMagic || binary.LittleEndian.Uint32(b[8:]) != checkpointVersion ||
		crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return State{}, position{}, errNoCheckpoint
	}
	d := newDecoder(b[12:n])
	pos := position{last: int64(d.Uint64()), end: int64(d.Uint64()), seq: d.Uint64()}
	if sum := d.Take(4); sum != nil {
		pos.check = binary.LittleEndian.Uint32(sum)
	}
	s := State{values: map[Name]Value{}, Seq: pos.seq}
	last := ""
	for n := d.Count(3, maxCheckpoint); n > 0 && d.Err() == nil; n-- {
		name, value := d.name(last), d.value()
		if d.Err() == nil && value == "" {
			d.Fail("%q is absent", name)
		}
		s.values[name], last = value, name.text
	}
	if err := d.End(); err != nil {
		return State{}, position{}, err
	}
	if pos.last < headerSize || pos.end < pos.last+recordHead+recordTail || pos.seq == 0 {
		return State{}, position{}, errNoCheckpoint
	}
	return s, pos, nil
}

// readCheckpoint gives the checkpoint, or an error when none can be used:
// whatever is wrong with it, the log is the truth.
func readCheckpoint(f fsys.FS) (State, position, error) {
	b, err := fsys.ReadFile(f, stateFile, maxCheckpoint)
	if err != nil {
		return State{}, position{}, err
	}
	return decodeCheckpoint(b)
}

// writeCheckpoint replaces the checkpoint. It is not synced: one that a power
// cut spoils fails its check and is left aside.
func writeCheckpoint(f fsys.FS, s State, pos position) error {
	tmp := stateFile + ".tmp"
	file, err := f.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(encodeCheckpoint(s, pos))
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = f.Rename(tmp, stateFile)
	}
	return err
}
