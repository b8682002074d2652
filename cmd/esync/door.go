package main

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// door decides whose key comes in, by a file that may change while the server runs.
type door struct {
	path string
	now  func() time.Time
	warn func(format string, args ...any)

	mu   sync.Mutex
	read bool
	size int64
	at   time.Time
	keys *ssh.AuthorizedKeys // nil admits nobody
}

func (s *session) newDoor(path string) *door {
	if path == "" {
		path = filepath.Join(s.home, authorizedFile)
	} else {
		path = s.env.path(path)
	}
	return &door{path: path, now: s.env.now, warn: s.warn}
}

// authorize is asked for every connection, so it reads the file only when its size or time is another one.
func (d *door) authorize(key ssh.PublicKey) (ssh.Grant, error) {
	return d.current().Authorize(key, d.now())
}

func (d *door) empty() bool {
	keys := d.current()
	return keys == nil || len(keys.Grants()) == 0
}

func (d *door) current() *ssh.AuthorizedKeys {
	d.mu.Lock()
	defer d.mu.Unlock()
	info, err := os.Stat(d.path)
	if err != nil {
		if d.read || !os.IsNotExist(err) {
			d.warn("nobody is admitted: %v", err)
		}
		d.keys, d.read = nil, false
		return nil
	}
	if d.read && info.Size() == d.size && info.ModTime().Equal(d.at) {
		return d.keys
	}
	f, err := os.Open(d.path)
	if err != nil {
		d.warn("nobody is admitted: %v", err)
		d.keys, d.read = nil, false
		return nil
	}
	defer f.Close()
	keys, problems := ssh.ParseAuthorizedKeys(f)
	for _, problem := range problems {
		d.warn("%s: %v; that line admits nobody", d.path, problem)
	}
	d.keys, d.read, d.size, d.at = keys, true, info.Size(), info.ModTime()
	return keys
}
