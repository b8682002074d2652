package graph

import (
	"iter"

	"github.com/esync/esync/objects"
)

// Walk gives every commit that tips reach, once, children before parents,
// newest first by (generation, time, ID). It reads only as far as it is asked
// and ends with an error where it cannot read on.
func Walk(commits Commits, tips ...objects.ID) iter.Seq2[Node, error] {
	return walk(commits, tips, func(n Node) ([]objects.ID, bool, error) { return n.Parents, true, nil })
}

// walk visits commits newest first. follow says which parents to go on with
// and whether to give the commit out.
func walk(commits Commits, tips []objects.ID, follow func(Node) ([]objects.ID, bool, error)) iter.Seq2[Node, error] {
	return func(yield func(Node, error) bool) {
		p := newPainter(commits, func(colour) bool { return true }, never)
		for _, id := range tips {
			if _, err := p.add(id, left); err != nil {
				yield(Node{}, err)
				return
			}
		}
		for s := p.next(); s != nil; s = p.next() {
			parents, give, err := follow(s.Node)
			if err != nil {
				yield(Node{}, err)
				return
			}
			if give && !yield(s.Node, nil) {
				return
			}
			// A commit that was taken is met by no later one: its children all
			// came before it.
			delete(p.met, s.ID)
			only := *s.Commit
			only.Parents = parents
			if err := p.spread(&spot{Node: Node{s.ID, &only}}, left); err != nil {
				yield(Node{}, err)
				return
			}
		}
	}
}

// Touched gives the commits that changed what stands at a path: those whose
// content there differs from that of every parent, newest first. Where a merge
// took one parent's content as it was, only that parent is followed, as git's
// history simplification does. Times of change don't count for a file.
func Touched(commits Commits, src objects.Source, path string, tips ...objects.ID) iter.Seq2[Node, error] {
	found := finder{src: src, path: path, known: map[objects.ID]place{}}
	return walk(commits, tips, func(n Node) ([]objects.ID, bool, error) {
		here, err := found.at(n.Tree)
		if err != nil {
			return nil, false, err
		}
		for _, id := range n.Parents {
			parent, err := commits.Commit(id)
			if err != nil {
				return nil, false, err
			}
			there, err := found.at(parent.Tree)
			if err != nil {
				return nil, false, err
			}
			if here == there {
				return []objects.ID{id}, false, nil
			}
		}
		return n.Parents, len(n.Parents) > 0 || here.there, nil
	})
}

// place is what stands at a path.
type place struct {
	there bool
	mode  objects.Mode
	id    objects.ID
}

// finder remembers what it found in the trees seen last: each commit is looked
// at once as a child and once as a parent.
type finder struct {
	src   objects.Source
	path  string
	known map[objects.ID]place
}

func (f *finder) at(tree objects.ID) (place, error) {
	if p, ok := f.known[tree]; ok {
		return p, nil
	}
	e, ok, err := Lookup(f.src, tree, f.path)
	if err != nil {
		return place{}, err
	}
	p := place{ok, e.Mode, e.ID}
	if !ok {
		p = place{}
	}
	if len(f.known) >= cacheSize {
		clear(f.known)
	}
	f.known[tree] = p
	return p, nil
}
