package transport

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/esync/esync/objects"
)

// TestRandomHistories: two copies that edit, merge, pull and push in any order
// always end with the whole history of what their names stand at.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		server := newCopy(t, "eng")
		clients := []*copyOf{newCopy(t, "eng"), newCopy(t, "eng")}
		content := map[objects.ID]files{}
		seed := rapid.Uint64().Draw(rt, "seed")
		r := seeded(seed)
		base := files{"a/x": text(r, 2000), "a/y": noise(r, 400), "big": text(r, 300<<10)}
		content[server.commit(base, nil)] = base
		for _, c := range clients {
			if _, err := c.pull(newLink(server)); err != nil {
				rt.Fatal(err)
			}
		}
		steps := rapid.IntRange(1, 8).Draw(rt, "steps")
		for range steps {
			c := clients[rapid.IntRange(0, 1).Draw(rt, "who")]
			switch rapid.SampledFrom([]string{"edit", "edit", "sync"}).Draw(rt, "what") {
			case "edit":
				at := c.tip(main)
				f := content[at].clone()
				name := rapid.SampledFrom([]string{"a/x", "a/y", "big", "b/new", "b/c/deep"}).Draw(rt, "file")
				switch rapid.IntRange(0, 3).Draw(rt, "how") {
				case 0:
					f[name] = text(r, 1+r.IntN(5000)) + f[name]
				case 1:
					delete(f, name)
				case 2:
					f["moved/"+fmt.Sprint(r.IntN(3))] = f[name]
					delete(f, name)
				case 3:
					f[name] = noise(r, 1+r.IntN(2000))
				}
				f["always"] = fmt.Sprint(r.Uint64())
				content[c.commit(f, content[at], at)] = f
			case "sync":
				l := newLink(server)
				if rapid.Bool().Draw(rt, "breaks") {
					l.cutAfter = int64(1 + r.IntN(3000))
				}
				syncOnce(rt, c, l, content)
				c.check()
				server.check()
			}
		}
		for range 2 {
			for _, c := range clients {
				syncOnce(rt, c, newLink(server), content)
			}
		}
		for _, c := range clients {
			c.check()
			server.check()
			if c.tip(main) != server.tip(main) && c != clients[0] {
				rt.Fatal("the last to push stands elsewhere")
			}
		}
	})
}

// syncOnce pulls, merges when need be, and pushes. Streams that break are
// expected; anything else is not.
func syncOnce(rt *rapid.T, c *copyOf, l *link, content map[objects.ID]files) {
	defer l.served.Wait()
	res, err := Fetch(context.Background(), l, FetchRequest{}, c.local())
	if err != nil {
		if l.cutAfter == 0 {
			rt.Fatalf("fetch: %v", err)
		}
		return
	}
	theirs, ours := res.Tips.Get(main), c.tip(main)
	c.move(tracked, theirs)
	b, err := walk(c.store, []objects.ID{theirs}, []objects.ID{ours})
	if err != nil {
		rt.Fatal(err)
	}
	a, err := walk(c.store, []objects.ID{ours}, []objects.ID{theirs})
	if err != nil {
		rt.Fatal(err)
	}
	switch {
	case len(b.fresh) == 0:
	case len(a.fresh) == 0:
		c.move(main, theirs)
	default: // the merge is any tree of both
		f := content[ours].clone()
		for p, text := range content[theirs] {
			f[p] = text
		}
		for p := range f { // no file where a folder is
			for q := range f {
				if len(q) > len(p) && q[:len(p)+1] == p+"/" {
					delete(f, p)
				}
			}
		}
		content[c.commit(f, content[ours], ours, theirs)] = f
	}
	if c.tip(main) == theirs {
		return
	}
	if _, err := c.push(l); err != nil && l.cutAfter == 0 && !errors.Is(err, ErrStale) {
		rt.Fatalf("push: %v", err)
	}
}
