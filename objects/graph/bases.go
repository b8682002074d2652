package graph

import (
	"github.com/esync/esync/objects"
)

func never(colour) bool { return false }

// MergeBases gives the best common ancestors of two commits: those that are
// not ancestors of another one. None for unrelated histories; more than one
// when lines were merged crosswise. Newest first.
func MergeBases(commits Commits, a, b objects.ID) ([]objects.ID, error) {
	p := newPainter(commits, func(c colour) bool { return c&stale == 0 }, never)
	if _, err := p.add(a, left); err != nil {
		return nil, err
	}
	if _, err := p.add(b, right); err != nil {
		return nil, err
	}
	var bases []objects.ID
	for s := p.next(); s != nil; s = p.next() {
		c := s.colour
		if c == left|right {
			bases = append(bases, s.ID)
			c |= stale
		}
		if err := p.spread(s, c); err != nil {
			return nil, err
		}
	}
	return bases, nil
}

// IsAncestor tells whether a can be reached from b. A commit is its own
// ancestor.
func IsAncestor(commits Commits, a, b objects.ID) (bool, error) {
	if a == b {
		return true, nil
	}
	goal, err := commits.Commit(a)
	if err != nil {
		return false, err
	}
	p := newPainter(commits, func(colour) bool { return true }, never)
	if _, err := p.add(b, left); err != nil {
		return false, err
	}
	for s := p.next(); s != nil && s.Generation > goal.Generation; s = p.next() {
		if err := p.spread(s, left); err != nil {
			return false, err
		}
		if p.met[a] != nil {
			return true, nil
		}
	}
	return false, nil
}

// AheadBehind counts the commits that a has and b lacks, and the other way
// round.
func AheadBehind(commits Commits, a, b objects.ID) (ahead, behind int, err error) {
	p := newPainter(commits, func(c colour) bool { return c != left|right }, never)
	if _, err := p.add(a, left); err != nil {
		return 0, 0, err
	}
	if _, err := p.add(b, right); err != nil {
		return 0, 0, err
	}
	for s := p.next(); s != nil; s = p.next() {
		switch s.colour {
		case left:
			ahead++
		case right:
			behind++
		}
		if err := p.spread(s, s.colour); err != nil {
			return 0, 0, err
		}
	}
	return ahead, behind, nil
}

// Between lists the commits that can be reached from wants and not from haves:
// parents before children, by (generation, time, ID), so that whoever knows
// the same wants and haves makes the same list. A have that is missing, or
// below which something is missing, counts as far as it can be read.
func Between(commits Commits, wants, haves []objects.ID) ([]Node, error) {
	p := newPainter(commits, func(c colour) bool { return c == left }, func(c colour) bool { return c&right != 0 })
	for _, id := range haves {
		if _, err := p.add(id, right); err != nil {
			return nil, err
		}
	}
	for _, id := range wants {
		if _, err := p.add(id, left); err != nil {
			return nil, err
		}
	}
	var list []Node
	for s := p.next(); s != nil; s = p.next() {
		if s.colour == left {
			list = append(list, s.Node)
		}
		if err := p.spread(s, s.colour); err != nil {
			return nil, err
		}
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list, nil
}
