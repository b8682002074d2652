package graph

import (
	"container/heap"
	"errors"

	"github.com/esync/esync/objects"
)

// colour is what is known of a commit: which of the starting points reach it.
type colour uint8

const (
	left colour = 1 << iota
	right
	stale // below a result; of no further interest
)

// spot is a commit that a walk has met and not yet taken.
type spot struct {
	Node
	colour colour
}

// painter walks from several commits at once, greatest generation first, and
// lets colours flow to the parents. A commit it takes has all its colours.
type painter struct {
	commits Commits
	// open tells whether a commit of that colour keeps the walk going; nOpen
	// counts those waiting.
	open  func(colour) bool
	nOpen int
	// lost tells whether a commit of that colour may be missing.
	lost  func(colour) bool
	met   map[objects.ID]*spot
	queue queue
}

func newPainter(commits Commits, open, lost func(colour) bool) *painter {
	return &painter{commits: commits, open: open, lost: lost, met: map[objects.ID]*spot{}}
}

// add gives a commit a colour. Commits that are missing and may be are left
// out.
func (p *painter) add(id objects.ID, c colour) (*spot, error) {
	s, ok := p.met[id]
	if ok {
		if s == nil { // missing
			if !p.lost(c) {
				return nil, &objects.ObjectError{ID: id, Err: objects.ErrNotFound}
			}
			return nil, nil
		}
		p.count(s.colour, -1)
		s.colour |= c
		p.count(s.colour, +1)
		return s, nil
	}
	commit, err := p.commits.Commit(id)
	if err != nil {
		if errors.Is(err, objects.ErrNotFound) && p.lost(c) {
			p.met[id] = nil
			return nil, nil
		}
		return nil, err
	}
	s = &spot{Node: Node{id, commit}, colour: c}
	p.met[id] = s
	heap.Push(&p.queue, s)
	p.count(c, +1)
	return s, nil
}

func (p *painter) count(c colour, by int) {
	if p.open(c) {
		p.nOpen += by
	}
}

// next takes a commit, or nil when nothing that is left keeps the walk going.
func (p *painter) next() *spot {
	if p.nOpen == 0 || len(p.queue) == 0 {
		return nil
	}
	s := heap.Pop(&p.queue).(*spot)
	p.count(s.colour, -1)
	return s
}

// spread gives a colour to the parents of a commit that was taken.
func (p *painter) spread(s *spot, c colour) error {
	for _, id := range s.Parents {
		parent, err := p.add(id, c)
		if err != nil {
			return err
		}
		if parent != nil && parent.Generation >= s.Generation {
			return contradiction(s.ID, id)
		}
	}
	return nil
}

// queue is a heap: greatest generation first, then the later, then by ID, so
// that every walk has one order.
type queue []*spot

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return before(q[i].Node, q[j].Node) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*spot)) }
func (q *queue) Pop() any {
	old := *q
	s := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return s
}

func before(a, b Node) bool {
	if a.Generation != b.Generation {
		return a.Generation > b.Generation
	}
	if at, bt := a.When.UnixMilli(), b.When.UnixMilli(); at != bt {
		return at > bt
	}
	return a.ID.Compare(b.ID) > 0
}
