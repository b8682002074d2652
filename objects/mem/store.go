package mem

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/esync/esync/objects"
)

type key struct {
	kind objects.Kind
	id   objects.ID
}

// Store holds objects in memory. The zero value is not usable; call New.
type Store struct {
	mu      sync.RWMutex
	content map[key][]byte
}

// New makes an empty store.
func New() *Store { return &Store{content: map[key][]byte{}} }

// Get implements objects.Source.
func (s *Store) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	b, err := s.get(kind, id)
	if err != nil {
		return nil, err
	}
	if len(b) > objects.MaxWhole {
		return nil, &objects.ObjectError{ID: id, Err: fmt.Errorf("%d bytes are too long to read whole", len(b))}
	}
	return bytes.Clone(b), nil
}

func (s *Store) get(kind objects.Kind, id objects.ID) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.content[key{kind, id}]
	if !ok {
		return nil, &objects.ObjectError{ID: id, Err: objects.ErrNotFound}
	}
	return b, nil
}

// Blob implements objects.Source.
func (s *Store) Blob(id objects.ID) (objects.BlobReader, error) {
	b, err := s.get(objects.KindBlob, id)
	if err != nil {
		return nil, err
	}
	return blob{bytes.NewReader(b)}, nil
}

type blob struct{ *bytes.Reader }

func (blob) Close() error { return nil }

// Has implements objects.Source.
func (s *Store) Has(id objects.ID) (bool, error) {
	for k := objects.KindBlob; k.Valid(); k++ {
		if _, err := s.get(k, id); err == nil {
			return true, nil
		}
	}
	return false, nil
}

// Put implements objects.Sink.
func (s *Store) Put(kind objects.Kind, content []byte, _ objects.ID) (objects.ID, error) {
	if !kind.Valid() {
		return objects.ID{}, fmt.Errorf("%w: %v", objects.ErrMalformed, kind)
	}
	id := objects.Sum(kind, content)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.content[key{kind, id}]; !ok {
		s.content[key{kind, id}] = append([]byte{}, content...)
	}
	return id, nil
}

// PutBlob implements objects.Sink.
func (s *Store) PutBlob(r io.Reader, _ int64, prev objects.ID) (objects.ID, int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return objects.ID{}, 0, err
	}
	id, err := s.Put(objects.KindBlob, b, prev)
	return id, int64(len(b)), err
}

// Len is the number of objects held.
func (s *Store) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.content)
}

// Remove forgets an object, so that tests can see what its absence does.
func (s *Store) Remove(id objects.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := objects.KindBlob; k.Valid(); k++ {
		delete(s.content, key{k, id})
	}
}

var (
	_ objects.Source = (*Store)(nil)
	_ objects.Sink   = (*Store)(nil)
)
