package refs

import (
	"context"
	"io"
	"os"

	"github.com/esync/esync/internal/fsys"
)

// Apply commits an operation: when every change starts from the present value
// of its name, all of them are made at once, durably, and the operation comes
// back with its number and time. Otherwise nothing happens and the error is a
// *StaleError. A change whose Old and New are equal only demands that value.
//
// Apply waits for other writers as long as ctx and Options.Wait allow. When it
// fails for a reason of the disk, the operation may or may not have happened:
// State tells.
func (s *Store) Apply(ctx context.Context, op Operation) (Operation, error) {
	if op.Time.IsZero() {
		op.Time = s.now()
	}
	demands := op.Changes
	op, err := op.normal()
	if err != nil {
		return Operation{}, err
	}
	release, err := s.lock(ctx)
	if err != nil {
		return Operation{}, err
	}
	defer release()
	v, size, err := s.read()
	if err != nil {
		return Operation{}, err
	}
	if stale := v.state.Stale(demands); len(stale) > 0 {
		return Operation{}, &StaleError{Names: stale}
	}
	op.Seq = v.pos.seq + 1
	record, pos, err := appendRecord(nil, v.pos, op)
	if err != nil {
		return Operation{}, err
	}
	if err := s.write(record, v.pos, size); err != nil {
		return Operation{}, err
	}
	b := v.state.replayer()
	b.apply(op)
	v.state, v.pos = State{values: b.values, Seq: op.Seq}, pos
	if op.Seq-v.saved >= checkpointEvery && writeCheckpoint(s.fs, v.state, v.pos) == nil {
		v.saved = op.Seq
	}
	s.keep(v)
	return op, nil
}

// write appends a record behind pos, cutting a torn tail, and syncs it. When
// that fails it tries to leave the log as it was.
func (s *Store) write(record []byte, pos position, size int64) error {
	file, err := s.fs.OpenFile(logFile, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	at := pos.end
	if pos.last == 0 {
		record, at = append(logHeader(), record...), 0
	}
	if size > at {
		err = file.Truncate(at)
	}
	if err == nil {
		err = writeAt(file, record, at)
	}
	if err != nil {
		file.Truncate(at)
		file.Sync()
	}
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err == nil && pos.last == 0 {
		if err = s.fs.SyncDir(dirName); err == nil {
			err = s.fs.SyncDir(".")
		}
	}
	return err
}

func writeAt(f fsys.File, b []byte, at int64) error {
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Sync()
}
