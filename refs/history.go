package refs

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
)

// Operations walks the log from its newest operation back to the first. It
// reads only as far as it is asked, and ends with an error where it cannot
// read on.
func (s *Store) Operations() iter.Seq2[Operation, error] {
	return func(yield func(Operation, error) bool) {
		if _, err := s.State(); err != nil {
			yield(Operation{}, err)
			return
		}
		pos := s.known().pos
		if pos.last == 0 {
			return
		}
		file, err := s.fs.OpenFile(logFile, os.O_RDONLY, 0)
		if err != nil {
			yield(Operation{}, err)
			return
		}
		defer file.Close()
		r := newBlockReader(file, pos.end)
		for at, end, check := pos.last, pos.end, pos.check; ; {
			f, err := readFrame(r, at, end)
			if err != nil || f.check != check {
				if err == nil {
					err = errors.New("it does not precede the record behind it")
				}
				yield(Operation{}, backwardsError(err, at, end))
				return
			}
			if !yield(f.op, nil) || at <= headerSize {
				return
			}
			check, end = f.prev, at
			if at, err = previous(r, end); err != nil {
				yield(Operation{}, backwardsError(err, headerSize, end))
				return
			}
		}
	}
}

// previous gives the offset of the record that ends at end.
func previous(r io.ReaderAt, end int64) (int64, error) {
	var n [recordTail]byte
	if err := readAt(r, n[:], end-recordTail); err != nil {
		return 0, err
	}
	at := end - recordHead - recordTail - int64(binary.LittleEndian.Uint32(n[:]))
	if at < headerSize {
		return 0, errors.New("its length is wrong")
	}
	return at, nil
}

func backwardsError(err error, at, end int64) error {
	var disk *readError
	if errors.As(err, &disk) {
		return err
	}
	return &DamageError{Offset: at, End: end, From: 1, To: 0, Reason: err.Error()}
}

// Report is what Verify found.
type Report struct {
	// Operations and Bytes are what can be read.
	Operations uint64
	Bytes      int64
	// Torn is the length of a tail that a cut-off write left; the next
	// operation cuts it.
	Torn int64
	// Damage lists what cannot be read, from the start of the log on.
	Damage []*DamageError
	// Checkpoint is what is wrong with refs/state, which is only a hint: nil
	// when it fits the log or is missing.
	Checkpoint error
}

// Verify reads the whole log, and beyond every damage in it. The error is one
// of reading; what is wrong with the log stands in the Report.
func (s *Store) Verify() (Report, error) {
	var rep Report
	state, cpos, cerr := readCheckpoint(s.fs)
	file, err := s.fs.OpenFile(logFile, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		_, _, err := s.absent()
		return rep, rep.add(err)
	}
	if err != nil {
		return rep, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return rep, err
	}
	r := newBlockReader(file, info.Size)
	pos := start
	torn, err := s.header(r, info.Size)
	if err := rep.add(err); err != nil {
		return rep, err
	}
	if torn {
		rep.Torn = info.Size
		return rep, nil
	}
	var values State
	agrees := false
	b := values.replayer()
	for {
		var damage *DamageError
		pos, err = replay(r, info.Size, pos, func(op Operation) {
			rep.Operations++
			b.apply(op)
			if op.Seq == cpos.seq {
				agrees = State{values: b.values}.equal(state)
			}
		})
		if err == nil {
			break
		}
		if err := rep.add(err); err != nil {
			return rep, err
		}
		if !errors.As(err, &damage) {
			break
		}
		f, whole, err := findFrame(r, damage.End, info.Size)
		if err != nil || !whole {
			return rep, err
		}
		rep.Operations++
		b.apply(f.op)
		pos = f.behind(f.offset)
	}
	rep.Bytes, rep.Torn = pos.end, info.Size-pos.end
	switch {
	case cerr != nil && !errors.Is(cerr, fs.ErrNotExist):
		rep.Checkpoint = cerr
	case cerr == nil && pos.seq < cpos.seq:
		rep.Damage = append(rep.Damage, &DamageError{
			Offset: pos.end, End: info.Size, From: pos.seq + 1, To: cpos.seq, Reason: "the log is cut short"})
	case cerr == nil && !agrees:
		rep.Checkpoint = errors.New("checkpoint does not agree with the log")
	}
	return rep, nil
}

// add takes damage into the report and hands any other error back.
func (r *Report) add(err error) error {
	var damage *DamageError
	if errors.As(err, &damage) {
		r.Damage = append(r.Damage, damage)
		return nil
	}
	return err
}

func (s State) equal(o State) bool {
	if len(s.values) != len(o.values) {
		return false
	}
	for n, v := range s.values {
		if o.values[n] != v {
			return false
		}
	}
	return true
}
