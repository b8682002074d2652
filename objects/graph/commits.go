package graph

import (
	"errors"
	"fmt"
	"sync"

	"github.com/esync/esync/objects"
)

// ErrGeneration: a commit's generation number is not greater than a parent's,
// so the history cannot be what some program of ours recorded.
var ErrGeneration = errors.New("generation numbers contradict the history")

// Commits is where commits are read from. What is absent is
// objects.ErrNotFound. The caller does not change what comes back.
type Commits interface {
	Commit(id objects.ID) (*objects.Commit, error)
}

// cacheSize is the number of commits that each half of a Cache keeps, a few
// megabytes.
const cacheSize = 4096

// Cache reads commits from a store and keeps the ones used last. It may be
// used from many goroutines.
type Cache struct {
	src objects.Source

	mu sync.Mutex
	// Two halves: when the young one is full it becomes the old one, and what
	// has not been used since the last time is forgotten.
	young, old map[objects.ID]*objects.Commit
}

// NewCache wraps a store.
func NewCache(src objects.Source) *Cache {
	return &Cache{src: src, young: map[objects.ID]*objects.Commit{}}
}

// Commit implements Commits.
func (c *Cache) Commit(id objects.ID) (*objects.Commit, error) {
	c.mu.Lock()
	commit, ok := c.young[id]
	if !ok {
		if commit, ok = c.old[id]; ok {
			c.put(id, commit)
		}
	}
	c.mu.Unlock()
	if ok {
		return commit, nil
	}
	commit, err := objects.ReadCommit(c.src, id)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(id, commit)
	return commit, nil
}

func (c *Cache) put(id objects.ID, commit *objects.Commit) {
	if len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[objects.ID]*objects.Commit, cacheSize)
	}
	c.young[id] = commit
}

// Node is a commit and its name.
type Node struct {
	ID objects.ID
	*objects.Commit
}

func contradiction(id objects.ID, parent objects.ID) error {
	return fmt.Errorf("commit %s and its parent %s: %w", id.Short(), parent.Short(), ErrGeneration)
}
