package transport

import "github.com/esync/esync/objects"

// check verifies that all that main reaches is there and sound.
func (c *copyOf) check() {
	c.t.Helper()
	if id := c.tip(main); !id.IsZero() {
		seen := map[objects.ID]bool{}
		c.checkCommit(id, seen)
	}
}

func (c *copyOf) checkCommit(id objects.ID, seen map[objects.ID]bool) {
	c.t.Helper()
	for stack := []objects.ID{id}; len(stack) > 0; {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		commit, err := objects.ReadCommit(c.store, id)
		if err != nil {
			c.t.Fatal(err)
		}
		c.checkTree(commit.Tree, seen)
		stack = append(stack, commit.Parents...)
	}
}

func (c *copyOf) checkTree(id objects.ID, seen map[objects.ID]bool) {
	c.t.Helper()
	if seen[id] {
		return
	}
	seen[id] = true
	t, err := objects.ReadTree(c.store, id)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range t.Entries {
		if e.Mode.IsFolder() {
			c.checkTree(e.ID, seen)
			continue
		}
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		b, err := c.store.Get(objects.KindBlob, e.ID)
		if err != nil {
			c.t.Fatal(err)
		}
		if int64(len(b)) != e.Size {
			c.t.Fatalf("%q has %d bytes, not %d", e.Name, len(b), e.Size)
		}
	}
}
