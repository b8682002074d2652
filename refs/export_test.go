package refs

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/esync/esync/internal/fsys"
)

// Generate writes a log of n operations without syncing each.
func Generate(f fsys.FS, n int) error {
	if err := fsys.MkdirAll(f, dirName, 0o700); err != nil {
		return err
	}
	file, err := f.OpenFile(logFile, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	w.Write(logHeader())
	pos, old := start, Value("")
	for i := range n {
		op := Operation{
			Seq: uint64(i + 1), Time: time.UnixMilli(int64(i)).UTC(), Command: "commit -m work", Author: "Anna <anna@example.com>", Device: "laptop",
			Changes: []Change{{Name: MustName("heads/main"), Old: old, New: Value(fmt.Sprintf("%064x", i))}},
		}
		old = op.Changes[0].New
		var b []byte
		if b, pos, err = appendRecord(nil, pos, op); err != nil {
			return err
		}
		w.Write(b)
	}
	return w.Flush()
}

// Record frames an operation for the golden files and the fuzzer.
func Record(op Operation) []byte {
	op, err := op.normal()
	if err != nil {
		panic(err)
	}
	b, _, err := appendRecord(nil, start, op)
	if err != nil {
		panic(err)
	}
	return b
}

// DecodeBody and EncodeBody are the two directions of an operation's encoding.
func DecodeBody(b []byte) (Operation, error) { return decodeOperation(b) }
func EncodeBody(op Operation) []byte         { return op.encode() }

// DecodeCheckpoint and its opposite in one: the bytes it would write.
func RecodeCheckpoint(b []byte) ([]byte, error) {
	s, pos, err := decodeCheckpoint(b)
	if err != nil {
		return nil, err
	}
	return encodeCheckpoint(s, pos), nil
}
