package pack

import (
	"bytes"
	"container/list"
	"sync"

	"github.com/esync/esync/objects"
)

// The bases of deltas are kept for a while, because the versions of a file
// come one after the other and each needs the one before.
const (
	maxBases     = 16 << 20
	maxBaseEntry = 4 << 20
)

// baseCache keeps verified contents, the least recently used goes first. The
// zero value is ready.
type baseCache struct {
	mu    sync.Mutex
	byID  map[objects.ID]*list.Element
	order list.List
	bytes int
}

type cachedBase struct {
	id objects.ID
	b  []byte
}

func (c *baseCache) get(id objects.ID) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byID[id]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*cachedBase).b
}

// put keeps a copy.
func (c *baseCache) put(id objects.ID, b []byte) {
	if len(b) > maxBaseEntry || len(b) == 0 {
		return
	}
	b = bytes.Clone(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byID == nil {
		c.byID = map[objects.ID]*list.Element{}
	}
	if c.byID[id] != nil {
		return
	}
	c.byID[id] = c.order.PushFront(&cachedBase{id, b})
	c.bytes += len(b)
	for c.bytes > maxBases {
		last := c.order.Back()
		old := c.order.Remove(last).(*cachedBase)
		delete(c.byID, old.id)
		c.bytes -= len(old.b)
	}
}
