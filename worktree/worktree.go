package worktree

import (
	"context"
	"runtime"
	"time"

	"github.com/esync/esync/internal/fsys"
)

// System says whose rules for names and modes the files follow.
type System uint8

// The systems.
const (
	SystemNative  System = iota // that of this program
	SystemUnix                  // names differ by letter case, files have an executable bit
	SystemMac                   // letter case does not count, files have an executable bit
	SystemWindows               // letter case does not count, no executable bit, open files are held
)

func (s System) resolved() System {
	if s != SystemNative {
		return s
	}
	switch runtime.GOOS {
	case "windows":
		return SystemWindows
	case "darwin", "ios":
		return SystemMac
	}
	return SystemUnix
}

func (s System) foldsCase() bool { return s != SystemUnix }
func (s System) hasModes() bool  { return s != SystemWindows }

// Options of a working copy; the zero value is right for this machine.
type Options struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Workers is how many files are read or written at once; 0 means one for
	// each processor.
	Workers int
	// Ignore are lines of an .esyncignore above all those in the folder.
	Ignore []string
	System System
}

// Worktree is the user's folder beside the base tree its files stand on. Scan
// may be called at any time; Record, Commit and Apply by one caller at a time,
// who holds the repository's lock.
type Worktree struct {
	files   fsys.FS
	state   fsys.FS
	now     func() time.Time
	workers int
	system  System
	ignore  *ignoreLevel

	// pause waits before a file that moved is read again; tests replace it.
	pause func(ctx context.Context, try int) error
}

// Open opens the user's folder and the folder that holds the copy's state
// (.esync). Neither is read yet, and neither is closed by this package.
func Open(files, state fsys.FS, opt Options) (*Worktree, error) {
	w := &Worktree{
		files: files, state: state,
		now: opt.Now, workers: opt.Workers, system: opt.System.resolved(),
		pause: pause,
	}
	if w.now == nil {
		w.now = time.Now
	}
	if w.workers <= 0 {
		w.workers = runtime.GOMAXPROCS(0)
	}
	w.ignore = parseIgnore(nil, "", opt.Ignore, w.system.foldsCase())
	return w, nil
}

// retries is how often a file that moved while it was read is read again.
const retries = 3

// pause gives a program that is writing a file time to finish.
func pause(ctx context.Context, try int) error {
	t := time.NewTimer(time.Duration(try) * 50 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
