package pack

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// What a dead process left behind goes after a while.
const (
	// A writer touches its file at least this often.
	staleTemp = 24 * time.Hour
	// A transfer that was cut is taken up again within this time, or begins
	// anew.
	staleIncoming = 14 * 24 * time.Hour
)

// Incoming is a transfer that has not been committed: one that goes on, or one
// that was cut.
type Incoming struct {
	Key   string
	Bytes int64
	// Last is when something came.
	Last time.Time
}

// Incoming lists the transfers that have not been committed.
func (s *Store) Incoming() ([]Incoming, error) {
	infos, err := s.fs.ReadDir(incoming)
	if err != nil {
		return nil, err
	}
	var all []Incoming
	for _, info := range infos {
		if key, ok := strings.CutSuffix(info.Name, partSuffix); ok {
			all = append(all, Incoming{Key: key, Bytes: info.Size, Last: info.Time()})
		}
	}
	return all, nil
}

// IncomingIDs names the objects that came through whole in a transfer. Those
// of a transfer that goes on now may be more by the time it returns.
func (s *Store) IncomingIDs(key string) ([]objects.ID, error) {
	if !validKey(key) {
		return nil, nil
	}
	file, err := s.fs.OpenFile(path.Join(incoming, key+partSuffix), os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	w := Writer{s: s, byID: map[objects.ID]int32{}}
	if _, err := w.scan(file); err != nil {
		return nil, err
	}
	ids := make([]objects.ID, len(w.records))
	for i := range w.records {
		ids[i] = w.records[i].id
	}
	return ids, nil
}

// sweepIncoming removes what no transfer will take up again.
func (s *Store) sweepIncoming() error {
	infos, err := s.fs.ReadDir(incoming)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if s.opt.Now().Sub(info.Time()) < staleIncoming {
			continue
		}
		key, part := strings.CutSuffix(info.Name, partSuffix)
		if !part {
			if key, part = strings.CutSuffix(info.Name, lockSuffix); !part {
				continue
			}
			if _, err := s.fs.Lstat(path.Join(incoming, key+partSuffix)); err == nil {
				continue // goes with its part
			}
		}
		lockName := path.Join(incoming, key+lockSuffix)
		lock, err := s.fs.Lock(lockName)
		if errors.Is(err, fsys.ErrLocked) {
			continue
		}
		if err != nil {
			return err
		}
		err = s.fs.Remove(path.Join(incoming, info.Name))
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			err = nil
			s.fs.Remove(lockName)
		}
		if err = errors.Join(err, lock.Close()); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the files of writers that died.
func (s *Store) sweep() error {
	s.mu.Lock()
	stale := s.stale
	s.stale = nil
	s.mu.Unlock()
	for _, name := range stale {
		if err := s.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
