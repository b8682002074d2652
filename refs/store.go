package refs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/esync/esync/internal/fsys"
)

const (
	dirName   = "refs"
	logFile   = "refs/log"
	stateFile = "refs/state"
	lockFile  = "refs/lock"
)

// Options of Open. The zero value is what a program wants.
type Options struct {
	// Now gives the time of operations that have none; time.Now when nil.
	Now func() time.Time
	// Wait bounds how long Apply waits for another process; 10 seconds when 0.
	Wait time.Duration
}

// Store is the refs of one repository. All methods may be called from many
// goroutines, and many processes may have the same refs open.
type Store struct {
	fs   fsys.FS
	now  func() time.Time
	wait time.Duration
	// turn is held by the writing goroutine: the lock on the file is for
	// other processes.
	turn chan struct{}

	mu   sync.Mutex
	view view
}

// view is what is known of the log up to a position.
type view struct {
	state State
	pos   position
	// saved is the number of the operation that the checkpoint covers.
	saved uint64
}

// Open opens the refs in a folder, which is that of the repository's own data.
// Files are made by the first Apply, so a folder without refs has an empty
// State. There is nothing to close.
func Open(f fsys.FS, o Options) (*Store, error) {
	s := &Store{fs: f, now: o.Now, wait: o.Wait, turn: make(chan struct{}, 1), view: view{pos: start}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wait <= 0 {
		s.wait = 10 * time.Second
	}
	_, err := s.State()
	return s, err
}

// State gives the values as of now: it sees every operation whose Apply has
// returned, in any process. When nothing has happened it costs one short read.
func (s *Store) State() (State, error) {
	// Reading while a writer cuts a torn tail and writes over it may look like
	// damage once, not repeatedly.
	const tries = 3
	for try := 1; ; try++ {
		v, _, err := s.read()
		if err == nil {
			s.keep(v)
			return v.state, nil
		}
		if try == tries || !errors.Is(err, ErrCorrupt) {
			return State{}, err
		}
	}
}

func (s *Store) known() view {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.view
}

func (s *Store) keep(v view) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = v
}

// read brings the known view up to the end of the log, and also gives the
// log's length.
func (s *Store) read() (view, int64, error) {
	file, err := s.fs.OpenFile(logFile, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return s.absent()
	}
	if err != nil {
		return view{}, 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return view{}, 0, err
	}
	v := s.known()
	if v.stands(file, info.Size) {
		if v.pos.end == info.Size {
			return v, info.Size, nil
		}
		if v, err := v.forward(file, info.Size); err == nil {
			return v, info.Size, nil
		}
	}
	v, err = s.load(file)
	return v, info.Size, err
}

// absent is the view of a log that is not there: of a new repository, or of
// one that lost it.
func (s *Store) absent() (view, int64, error) {
	if _, pos, err := readCheckpoint(s.fs); err == nil {
		return view{}, 0, &DamageError{From: 1, To: pos.seq, Reason: "the file is missing"}
	}
	return view{pos: start}, 0, nil
}

// stands tells whether the log still has the record that v ends with. An
// operation that failed may have been seen and cut again.
func (v view) stands(r io.ReaderAt, size int64) bool {
	if v.pos.last == 0 || v.pos.end > size {
		return false
	}
	var sum [4]byte
	_, err := r.ReadAt(sum[:], v.pos.last+12)
	return err == nil && binary.LittleEndian.Uint32(sum[:]) == v.pos.check
}

// forward replays what follows v.
func (v view) forward(r io.ReaderAt, size int64) (view, error) {
	b := v.state.replayer()
	pos, err := replay(newBlockReader(r, size), size, v.pos, b.apply)
	v.state, v.pos = State{values: b.values, Seq: pos.seq}, pos
	return v, err
}

// load reads the log anew, from the checkpoint on when that fits.
func (s *Store) load(file fsys.File) (view, error) {
	state, pos, cerr := readCheckpoint(s.fs)
	info, err := file.Stat() // after the checkpoint, which must not be ahead
	if err != nil {
		return view{}, err
	}
	size := info.Size
	r := newBlockReader(file, size)
	if cerr == nil && pos.end <= size {
		if f, err := readFrame(r, pos.last, size); err == nil && f.behind(pos.last) == pos {
			return view{state: state, pos: pos, saved: pos.seq}.forward(r, size)
		}
	}
	if torn, err := s.header(r, size); torn || err != nil {
		if err == nil && cerr == nil {
			err = &DamageError{End: size, From: 1, To: pos.seq, Reason: "the log is cut short"}
		}
		return view{pos: start}, err
	}
	v, err := view{pos: start}.forward(r, size)
	if err == nil && cerr == nil && pos.seq > v.pos.seq {
		err = &DamageError{Offset: v.pos.end, End: size, From: v.pos.seq + 1, To: pos.seq, Reason: "the log is cut short"}
	}
	return v, err
}

// header checks the log's header. A log whose very first write was cut off is
// torn: it counts as empty.
func (s *Store) header(r io.ReaderAt, size int64) (torn bool, err error) {
	b := make([]byte, min(size, headerSize))
	if err := readAt(r, b, 0); err != nil {
		return false, err
	}
	err = checkHeader(b)
	if err == nil || errors.Is(err, ErrVersion) {
		return false, err
	}
	next, whole, ferr := findFrame(r, 0, size)
	switch {
	case ferr != nil:
		return false, ferr
	case whole:
		return false, &DamageError{End: next.offset, From: 1, To: next.op.Seq - 1, Reason: err.Error()}
	}
	return true, nil
}

// lock waits for its turn among goroutines, then among processes.
func (s *Store) lock(ctx context.Context) (release func(), err error) {
	bound, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	busy := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fmt.Errorf("%w: %q is held for more than %v", ErrBusy, lockFile, s.wait)
	}
	select {
	case s.turn <- struct{}{}:
	case <-bound.Done():
		return nil, busy()
	}
	defer func() {
		if err != nil {
			<-s.turn
		}
	}()
	if err := s.makeDir(); err != nil {
		return nil, err
	}
	const longest = 50 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		held, err := s.fs.Lock(lockFile)
		if err == nil {
			return func() { held.Close(); <-s.turn }, nil
		}
		if !errors.Is(err, fsys.ErrLocked) {
			return nil, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-bound.Done():
			timer.Stop()
			return nil, busy()
		}
	}
}

// makeDir makes the folder of the refs, durably.
func (s *Store) makeDir() error {
	if _, err := s.fs.Lstat(dirName); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.fs.Mkdir(dirName, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.fs.SyncDir(".")
}
