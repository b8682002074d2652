package transport

import (
	"fmt"
	"slices"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// listOf is what a receiver that has the haves is sent for main.
func listOf(t *testing.T, c *copyOf, haves ...objects.ID) *manifest {
	t.Helper()
	b, err := walk(c.store, []objects.ID{c.tip(main)}, haves)
	if err != nil {
		t.Fatal(err)
	}
	m, err := list(c.store, b, anyBases)
	if err != nil {
		t.Fatal(err)
	}
	again, err := list(c.store, b, anyBases)
	if err != nil || again.id != m.id {
		t.Errorf("the list is not the same twice: %v", err)
	}
	return m
}

func kinds(t *testing.T, c *copyOf, m *manifest) map[objects.Kind]int {
	t.Helper()
	n := map[objects.Kind]int{}
	for _, it := range m.items {
		info, err := c.store.Stat(it.id)
		if err != nil {
			t.Fatal(err)
		}
		n[info.Kind]++
		if it.plain {
			t.Errorf("%v %s is made anew", info.Kind, it.id.Short())
		}
	}
	return n
}

// TestListOrder holds what a receiver relies on: bases before differences,
// pieces before lists, everything before the commit.
func TestListOrder(t *testing.T) {
	t.Parallel()
	c := newCopy(t, "eng")
	r := seeded(3)
	f := someFiles(r)
	tip := c.commit(f, nil)
	for i := range 6 {
		g := f.clone()
		g["big/ledger.csv"] = fmt.Sprintf("line %d\n", i) + g["big/ledger.csv"]
		g["papers/00/letter.txt0"] += text(r, 40)
		tip = c.commit(g, f, tip)
		f = g
	}
	m := listOf(t, c)
	place := map[objects.ID]int{}
	deltas, pieces := 0, 0
	for i, it := range m.items {
		if _, twice := place[it.id]; twice {
			t.Errorf("%s is listed twice", it.id.Short())
		}
		place[it.id] = i
		info, err := c.store.Stat(it.id)
		if err != nil {
			t.Fatal(err)
		}
		if info.Form.HasBase() && !it.plain {
			deltas++
			if at, ok := place[info.Base]; !ok || at >= i {
				t.Errorf("base of %s does not stand before it", it.id.Short())
			}
		}
		parts, err := c.store.Parts(it.id)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			pieces++
			if at, ok := place[p]; !ok || at >= i {
				t.Errorf("piece %s does not stand before the list", p.Short())
			}
		}
	}
	if deltas == 0 || pieces == 0 {
		t.Fatalf("the test has %d differences and %d pieces", deltas, pieces)
	}
	if last := m.items[len(m.items)-1].id; last != tip {
		t.Error("the tip is not the last")
	}
}

func TestListOfOneEdit(t *testing.T) {
	t.Parallel()
	c := newCopy(t, "eng")
	f := someFiles(seeded(4))
	first := c.commit(f, nil)
	g := f.clone()
	g["big/ledger.csv"] = "ten bytes\n" + g["big/ledger.csv"]
	g["papers/01/letter.txt1"] = "edited " + g["papers/01/letter.txt1"]
	c.commit(g, f, first)
	m := listOf(t, c, first)
	n := kinds(t, c, m)
	if n[objects.KindCommit] != 1 || n[objects.KindTree] != 4 || m.bytes > 16<<10 {
		t.Errorf("%v objects, %d bytes", n, m.bytes)
	}
}

func TestListOfRename(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"folder", "into another folder", "some of it, and edited", "copied"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCopy(t, "eng")
			f := someFiles(seeded(5))
			first := c.commit(f, nil)
			g := f.clone()
			blobs := 0
			for p, content := range f {
				if len(p) < 4 || p[:4] != "big/" {
					continue
				}
				switch name {
				case "folder":
					delete(g, p)
					g["large/"+p[4:]] = content
				case "into another folder":
					delete(g, p)
					g["papers/01/deep/"+p] = content
				case "some of it, and edited":
					if p == "big/scan.pdf" {
						delete(g, p)
						g["scans/scan.pdf"] = content
						g["scans/new.txt"], blobs = "new", 1
					}
				case "copied":
					g["copies/"+p] = content
				}
			}
			c.commit(g, f, first)
			m := listOf(t, c, first)
			if n := kinds(t, c, m); n[objects.KindBlob] != blobs {
				t.Errorf("%d blobs are sent, want %d", n[objects.KindBlob], blobs)
			}
		})
	}
}

// TestListOfMerge: what one parent has need not be sent for the other.
func TestListOfMerge(t *testing.T) {
	t.Parallel()
	c := newCopy(t, "eng")
	f := someFiles(seeded(6))
	first := c.commit(f, nil)
	g, h := f.clone(), f.clone()
	g["a.txt"], h["b.txt"] = "a", "b"
	ours := c.record(g, f, first)
	theirs := c.record(h, f, first)
	both := g.clone()
	both["b.txt"] = "b"
	c.commit(both, g, ours, theirs)
	m := listOf(t, c, ours)
	if n := kinds(t, c, m); n[objects.KindBlob] != 1 || n[objects.KindCommit] != 2 || n[objects.KindTree] != 2 {
		t.Errorf("sends %v", n)
	}
}

// TestWalkStopsAtKnown: of a long history only what is new is read.
func TestWalkStopsAtKnown(t *testing.T) {
	t.Parallel()
	c := newCopy(t, "eng")
	f := files{"a": "0"}
	ids := []objects.ID{c.record(f, nil)}
	for i := range 300 {
		g := files{"a": fmt.Sprint(i)}
		ids = append(ids, c.record(g, f, ids[len(ids)-1]))
		f = g
	}
	side := c.record(files{"a": "side"}, nil, ids[290])
	top := c.record(files{"a": "top"}, nil, ids[300], side)
	reads := &countGets{getter: c.store}
	b, err := walk(reads, []objects.ID{top}, []objects.ID{ids[300]})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.fresh) != 2 || b.fresh[0].id != side || b.fresh[1].id != top || !slices.Equal(b.common, []objects.ID{ids[300]}) {
		t.Errorf("fresh %d, common %d", len(b.fresh), len(b.common))
	}
	if reads.n > 20 {
		t.Errorf("%d commits were read", reads.n)
	}
	// A short line beside it, as settings are, does not make the long one be read.
	short := c.record(files{"s": "1"}, nil)
	reads = &countGets{getter: c.store}
	b, err = walk(reads, []objects.ID{ids[300], short}, []objects.ID{short, ids[300]})
	if err != nil || len(b.fresh) != 0 || len(b.common) != 2 || reads.n > 4 {
		t.Errorf("fresh %d, common %d, read %d: %v", len(b.fresh), len(b.common), reads.n, err)
	}
	// Nor does it when it is longer by one.
	next := c.record(files{"s": "2"}, files{"s": "1"}, short)
	reads = &countGets{getter: c.store}
	wants := Tips{{main, ids[300]}, {settings, next}}
	b, err = walkTips(wants, func(wants []objects.ID) (*between, error) { return walk(reads, wants, []objects.ID{short, ids[300]}) })
	if err != nil || !slices.Equal(b.freshIDs(), []objects.ID{next}) || len(b.common) != 2 || len(b.edge) != 1 || reads.n > 4 {
		t.Errorf("fresh %v, common %d, edge %d, read %d: %v", b.freshIDs(), len(b.common), len(b.edge), reads.n, err)
	}
	haves := pickHaves(c.store, nil, []objects.ID{top})
	if len(haves) < 8 || len(haves) > 12 {
		t.Errorf("%d haves", len(haves))
	}
}

type countGets struct {
	getter
	n int
}

func (c *countGets) Get(kind objects.Kind, id objects.ID) ([]byte, error) {
	c.n++
	return c.getter.Get(kind, id)
}

// otherForms is a store that claims bases nobody else has.
type otherForms struct {
	Frames
	base map[objects.ID]objects.ID
}

func (o otherForms) Stat(id objects.ID) (pack.FrameInfo, error) {
	info, err := o.Frames.Stat(id)
	if b, ok := o.base[id]; ok && err == nil {
		info.Form, info.Base = pack.FormDelta, b
	}
	return info, err
}

func TestListSendsForeignBasesPlain(t *testing.T) {
	t.Parallel()
	c := newCopy(t, "eng")
	c.commit(files{"a": "hello"}, nil)
	id := objects.Sum(objects.KindBlob, []byte("hello"))
	b, err := walk(c.store, []objects.ID{c.tip(main)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := list(otherForms{c.store, map[objects.ID]objects.ID{id: {1}}}, b, anyBases)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range m.items {
		if it.plain != (it.id == id) {
			t.Errorf("%s: plain is %v", it.id.Short(), it.plain)
		}
	}
}
