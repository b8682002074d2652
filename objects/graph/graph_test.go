package graph_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/objects/mem"
	"pgregory.net/rapid"
)

// history is a graph under construction that counts what is read of it.
type history struct {
	store *mem.Store
	nodes map[objects.ID]*objects.Commit
	order []objects.ID
	reads int
}

func newHistory() *history {
	return &history{store: mem.New(), nodes: map[objects.ID]*objects.Commit{}}
}

func (h *history) Commit(id objects.ID) (*objects.Commit, error) {
	h.reads++
	c, ok := h.nodes[id]
	if !ok {
		return nil, &objects.ObjectError{ID: id, Err: objects.ErrNotFound}
	}
	return c, nil
}

func (h *history) add(tree objects.ID, parents ...objects.ID) objects.ID {
	c := &objects.Commit{Tree: tree, Parents: parents, Generation: 1, Message: fmt.Sprint(len(h.order)), When: time.UnixMilli(int64(len(h.order) % 7))}
	for _, p := range parents {
		c.Generation = max(c.Generation, h.nodes[p].Generation+1)
	}
	id := objects.Sum(objects.KindCommit, c.Encode())
	h.nodes[id] = c
	h.order = append(h.order, id)
	return id
}

func (h *history) line(n int) {
	for range n {
		var parents []objects.ID
		if len(h.order) > 0 {
			parents = h.order[len(h.order)-1:]
		}
		h.add(objects.ID{}, slices.Clone(parents)...)
	}
}

// above is the naive set of ancestors, with the commits themselves.
func (h *history) above(ids ...objects.ID) map[objects.ID]bool {
	ids = slices.Clone(ids)
	set := map[objects.ID]bool{}
	for len(ids) > 0 {
		id := ids[len(ids)-1]
		ids = ids[:len(ids)-1]
		if c, ok := h.nodes[id]; ok && !set[id] {
			set[id] = true
			ids = append(ids, c.Parents...)
		}
	}
	return set
}

func (h *history) bases(a, b objects.ID) []objects.ID {
	var common []objects.ID
	in := h.above(b)
	for id := range h.above(a) {
		if in[id] {
			common = append(common, id)
		}
	}
	return slices.DeleteFunc(slices.Clone(common), func(id objects.ID) bool {
		return slices.ContainsFunc(common, func(o objects.ID) bool { return o != id && h.above(o)[id] })
	})
}

func sorted(ids []objects.ID) []objects.ID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, objects.ID.Compare)
	return ids
}

func random(t *rapid.T) *history {
	h := newHistory()
	for i := range rapid.IntRange(2, 40).Draw(t, "commits") {
		var parents []objects.ID
		for range rapid.IntRange(0, 3).Draw(t, "parents") {
			if i > 0 {
				p := h.order[rapid.IntRange(max(0, i-8), i-1).Draw(t, "parent")]
				if !slices.Contains(parents, p) {
					parents = append(parents, p)
				}
			}
		}
		h.add(objects.ID{}, parents...)
	}
	return h
}

// TestAgainstNaive compares every question with its plain definition.
func TestAgainstNaive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := random(t)
		one := rapid.SampledFrom(h.order)
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		bases, err := graph.MergeBases(h, a, b)
		if err != nil || !slices.Equal(sorted(bases), sorted(h.bases(a, b))) {
			t.Fatalf("bases %v, want %v, %v", bases, h.bases(a, b), err)
		}
		swapped, err := graph.MergeBases(h, b, a)
		if err != nil || !slices.Equal(bases, swapped) {
			t.Fatalf("bases depend on the order: %v %v %v", bases, swapped, err)
		}
		is, err := graph.IsAncestor(h, a, b)
		if err != nil || is != h.above(b)[a] {
			t.Fatalf("ancestor %v, %v", is, err)
		}
		ahead, behind, err := graph.AheadBehind(h, a, b)
		onlyA, onlyB := h.above(a), h.above(b)
		for id := range h.above(a) {
			if onlyB[id] {
				delete(onlyA, id)
				delete(onlyB, id)
			}
		}
		if err != nil || ahead != len(onlyA) || behind != len(onlyB) {
			t.Fatalf("ahead %d behind %d, want %d %d, %v", ahead, behind, len(onlyA), len(onlyB), err)
		}
		wants := rapid.SliceOfN(one, 0, 3).Draw(t, "wants")
		haves := append(rapid.SliceOfN(one, 0, 3).Draw(t, "haves"), objects.ID{1, 2, 3})
		checkBetween(t, h, wants, haves)
		checkWalk(t, h, wants)
	})
}

func checkBetween(t *rapid.T, h *history, wants, haves []objects.ID) {
	list, err := graph.Between(h, wants, haves)
	if err != nil {
		t.Fatal(err)
	}
	want := h.above(wants...)
	for id := range h.above(haves...) {
		delete(want, id)
	}
	seen := map[objects.ID]bool{}
	for _, n := range list {
		if !want[n.ID] || seen[n.ID] {
			t.Fatalf("%s should not be listed here", n.ID.Short())
		}
		seen[n.ID] = true
		for _, p := range n.Parents {
			if want[p] && !seen[p] {
				t.Fatalf("%s stands before its parent", n.ID.Short())
			}
		}
	}
	if len(seen) != len(want) {
		t.Fatalf("%d listed, want %d", len(seen), len(want))
	}
	slices.Reverse(wants)
	again, err := graph.Between(h, wants, haves)
	same := func(a, b graph.Node) bool { return a.ID == b.ID }
	if err != nil || !slices.EqualFunc(list, again, same) {
		t.Fatalf("the list depends on the order of wants: %v", err)
	}
}

func checkWalk(t *rapid.T, h *history, tips []objects.ID) {
	want := h.above(tips...)
	seen := map[objects.ID]bool{}
	for n, err := range graph.Walk(h, tips...) {
		if err != nil || seen[n.ID] || !want[n.ID] {
			t.Fatalf("walk gives %s: %v", n.ID.Short(), err)
		}
		for _, p := range n.Parents {
			if seen[p] {
				t.Fatalf("%s comes after its parent", n.ID.Short())
			}
		}
		seen[n.ID] = true
	}
	if len(seen) != len(want) {
		t.Fatalf("walk gives %d, want %d", len(seen), len(want))
	}
}

// TestReadsFew holds that questions near the tips of a long history are cheap.
func TestReadsFew(t *testing.T) {
	t.Parallel()
	h := newHistory()
	h.line(100_000)
	tip, near := h.order[len(h.order)-1], h.order[len(h.order)-2]
	side := h.add(objects.ID{}, near)
	for name, ask := range map[string]func() error{
		"AheadBehind": func() error {
			a, b, err := graph.AheadBehind(h, tip, near)
			if a != 1 || b != 0 {
				t.Errorf("ahead %d behind %d", a, b)
			}
			return err
		},
		"AheadBehind side": func() error { _, _, err := graph.AheadBehind(h, tip, side); return err },
		"IsAncestor":       func() error { _, err := graph.IsAncestor(h, near, tip); return err },
		"not IsAncestor":   func() error { _, err := graph.IsAncestor(h, tip, side); return err },
		"child of root":    func() error { _, err := graph.IsAncestor(h, tip, h.order[0]); return err },
		"MergeBases":       func() error { _, err := graph.MergeBases(h, tip, side); return err },
		"Between": func() error {
			_, err := graph.Between(h, []objects.ID{tip, side}, []objects.ID{near, h.order[5]})
			return err
		},
		"Between nothing": func() error { _, err := graph.Between(h, []objects.ID{near}, []objects.ID{tip}); return err },
		"Walk": func() error {
			n := 0
			for _, err := range graph.Walk(h, tip, side) {
				if err != nil {
					return err
				}
				if n++; n == 10 {
					break
				}
			}
			return nil
		},
	} {
		h.reads = 0
		if err := ask(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if h.reads > 14 {
			t.Errorf("%s reads %d commits", name, h.reads)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	h := newHistory()
	h.line(5)
	none := objects.ID{9}
	if _, err := graph.Between(h, []objects.ID{none}, nil); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("missing want: %v", err)
	}
	if _, err := graph.Between(h, []objects.ID{none}, []objects.ID{none}); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("missing want and have: %v", err)
	}
	if _, err := graph.MergeBases(h, h.order[4], none); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("missing side: %v", err)
	}
	for _, err := range graph.Walk(h, none) {
		if !errors.Is(err, objects.ErrNotFound) {
			t.Errorf("walk: %v", err)
		}
	}
	// A have whose own past is missing still takes away what it can.
	delete(h.nodes, h.order[1])
	if list, err := graph.Between(h, h.order[4:5], h.order[2:3]); err != nil || len(list) != 2 {
		t.Errorf("cut history: %d, %v", len(list), err)
	}
}

func TestContradiction(t *testing.T) {
	t.Parallel()
	h := newHistory()
	h.line(3)
	bad := *h.nodes[h.order[2]]
	bad.Generation = 2
	h.nodes[h.order[2]] = &bad
	if _, err := graph.Between(h, h.order[2:3], nil); !errors.Is(err, graph.ErrGeneration) {
		t.Errorf("between: %v", err)
	}
}

func TestCache(t *testing.T) {
	t.Parallel()
	store := mem.New()
	var ids []objects.ID
	for i := range 10_000 {
		c := objects.Commit{Generation: 1, Message: fmt.Sprint(i)}
		id, err := store.Put(objects.KindCommit, c.Encode(), objects.ID{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	cache := graph.NewCache(store)
	for i, id := range ids {
		c, err := cache.Commit(id)
		if err != nil || c.Message != fmt.Sprint(i) {
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	last := ids[len(ids)-1]
	store.Remove(last)
	store.Remove(ids[0])
	if _, err := cache.Commit(last); err != nil {
		t.Errorf("the last one is not kept: %v", err)
	}
	if _, err := cache.Commit(ids[0]); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("the cache keeps everything: %v", err)
	}
}
