package main

import (
	"os"
	"sync"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// keyFile is a file of authorized keys that may change while a hub runs.
type keyFile struct {
	path string
	now  func() time.Time
	warn func(format string, args ...any)

	mu   sync.Mutex
	read bool
	size int64
	at   time.Time
	keys *ssh.AuthorizedKeys // nil admits nobody
}

// authorize is asked for every connection, so it reads the file only when its size or time is another one.
func (f *keyFile) authorize(key ssh.PublicKey) (ssh.Grant, error) {
	return f.current().Authorize(key, f.now())
}

func (f *keyFile) current() *ssh.AuthorizedKeys {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		f.lose(err)
		return nil
	}
	if f.read && info.Size() == f.size && info.ModTime().Equal(f.at) {
		return f.keys
	}
	file, err := os.Open(f.path)
	if err != nil {
		f.lose(err)
		return nil
	}
	defer file.Close()
	keys, problems := ssh.ParseAuthorizedKeys(file)
	for _, problem := range problems {
		f.warn("%s: %v; that line admits nobody", f.path, problem)
	}
	f.keys, f.read, f.size, f.at = keys, true, info.Size(), info.ModTime()
	return keys
}

// lose says once that nobody is admitted any more.
func (f *keyFile) lose(err error) {
	if f.read || f.keys != nil {
		f.warn("nobody is admitted by it: %v", err)
	}
	f.keys, f.read = nil, false
}
