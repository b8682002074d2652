package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/esync/esync/internal/fsys"
)

const (
	socketName = "socket"
	lockName   = "lock"

	// maxSocket is what every system takes as the name of a socket (macOS: 104 bytes, with the last).
	maxSocket = 100

	// changing is how long an agent that begins or ends may have the lock and not answer.
	changing = time.Second
)

// Folder is where the agent of the user whose ESYNC_HOME is home has its socket: below home, or, where that name is too long
// for a socket, in the folder of the system for things that don't last.
func Folder(home string) string {
	folder := filepath.Join(home, "agent")
	if len(filepath.Join(folder, socketName)) <= maxSocket {
		return folder
	}
	sum := sha256.Sum256([]byte(home))
	return filepath.Join(os.TempDir(), "esync-agent-"+hex.EncodeToString(sum[:8]))
}

// Listen makes the socket in folder, which is made too, and of which the caller is the only listener until he closes it. It
// returns ErrRunning when there is one already.
func Listen(folder string) (net.Listener, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := checkFolder(folder); err != nil {
		return nil, err
	}
	dir, err := fsys.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	defer dir.Close()
	path := filepath.Join(folder, socketName)
	lock, err := dir.Lock(lockName)
	// One that ends answers no more before it lets go of the lock, and one that begins has the lock before it answers.
	for end := time.Now().Add(changing); errors.Is(err, fsys.ErrLocked) && time.Now().Before(end); {
		if present(context.Background(), folder, anyVersion) == nil {
			return nil, ErrRunning
		}
		time.Sleep(changing / 100)
		lock, err = dir.Lock(lockName)
	}
	if errors.Is(err, fsys.ErrLocked) {
		return nil, ErrRunning
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	// Whoever has the lock is alone: a socket that is there has nobody behind it.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		lock.Close()
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	return &listener{l, lock}, nil
}

// checkFolder refuses a folder in which somebody else could put a socket.
func checkFolder(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if !info.IsDir() || !ownFolder(info) {
		return fmt.Errorf("%w: %q is open to others", ErrFolder, folder)
	}
	return nil
}

// listener is the socket with its lock, which goes last: closing the socket removes its file.
type listener struct {
	net.Listener
	lock io.Closer
}

func (l *listener) Close() error {
	return errors.Join(l.Listener.Close(), l.lock.Close())
}
