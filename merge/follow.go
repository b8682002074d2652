package merge

import (
	"sort"

	"github.com/esync/esync/objects"
)

// follower makes names agree before the merge proper. Where one side renamed a
// file that the other changed, it renames it in the base and on the other side
// as well; where one side put something new into a folder that the other
// renamed, it moves that. Then a plain three-way merge does the right thing.
type follower struct {
	*merger
	base      objects.ID
	sides     [2]objects.ID
	first     [3]objects.ID              // the sides and the base as they were
	from      [2]map[string]string       // by side: where a path of the tree stood
	dropped   map[string][]objects.Entry // by folder: what their side has and the tree leaves out
	conflicts []Conflict
	notes     []Note
}

// follow works in rounds: a dry merge finds what renames may explain, and what
// they do explain is renamed, until there is nothing more. Then it notes the
// files with two new names, which must not feed another round: the tree has
// but one of the two, another one in the mirror image.
func (f *follower) follow() error {
	f.from = [2]map[string]string{{}, {}}
	f.dropped = map[string][]objects.Entry{}
	f.first = [3]objects.ID{f.sides[ourSide], f.sides[theirSide], f.base}
	for round := 0; ; round++ {
		dry := &pass{merger: f.merger, dry: true}
		if _, err := dry.run(f.base, f.sides); err != nil {
			return err
		}
		if len(dry.lost) == 0 && len(dry.strays) == 0 {
			return nil
		}
		r := &renames{space: f.space, base: f.base, sides: f.sides}
		if round < maxRounds {
			if moved, err := f.round(dry, r); err != nil || moved {
				if err != nil {
					return err
				}
				continue
			}
		}
		return f.apart(dry, r)
	}
}

// move takes what stands at from in the base and on one side, or on that side
// alone, to another path.
type move struct {
	from, to string
	side     int
	inBase   bool
}

// round follows what one dry merge found.
func (f *follower) round(dry *pass, r *renames) (moved bool, err error) {
	var moves []move
	for _, l := range dry.lost {
		by := ourSide
		switch {
		case l.gone[ourSide] && l.gone[theirSide]:
			continue
		case l.gone[theirSide]:
			by = theirSide
		}
		to, err := r.target(by, l.path)
		if err != nil {
			return false, err
		}
		if to != "" {
			moves = append(moves, move{l.path, to, 1 - by, true})
		}
	}
	for _, s := range dry.strays {
		home, err := r.folder(1-s.by, s.home)
		if err != nil {
			return false, err
		}
		if _, again := f.from[s.by][s.path]; home != nil && !again {
			moves = append(moves, move{s.path, join(*home, s.path[len(s.home)+1:]), s.by, false})
		}
	}
	return f.apply(moves)
}

// apply makes the moves that nothing stands in the way of.
func (f *follower) apply(moves []move) (bool, error) {
	sort.Slice(moves, func(i, j int) bool {
		if moves[i].from != moves[j].from {
			return moves[i].from < moves[j].from
		}
		return moves[i].side < moves[j].side
	})
	targets := map[string]int{}
	for _, m := range moves {
		targets[m.to]++
	}
	inBase := edits{}
	onSide := [2]edits{{}, {}}
	for _, m := range moves {
		free, err := f.free(m)
		if err != nil {
			return false, err
		}
		if !free || targets[m.to] > 1 {
			continue
		}
		e, _, err := f.lookup(f.sides[m.side], m.from)
		if err != nil {
			return false, err
		}
		if e == nil {
			continue
		}
		onSide[m.side][m.from], onSide[m.side][m.to] = nil, e
		kind := Moved
		if m.inBase {
			if e, _, err = f.lookup(f.base, m.from); err != nil {
				return false, err
			}
			inBase[m.from], inBase[m.to] = nil, e
			kind = Followed
		}
		origin := m.from
		if o, ok := f.from[m.side][m.from]; ok {
			origin = o
		}
		f.from[m.side][m.to] = origin
		f.notes = append(f.notes, Note{Kind: kind, From: origin, To: m.to})
	}
	var errs [3]error
	f.base, errs[0] = f.edit(f.base, f.first[2], inBase)
	for side := range f.sides {
		f.sides[side], errs[1+side] = f.edit(f.sides[side], f.first[side], onSide[side])
	}
	for _, err := range errs {
		if err != nil {
			return false, err
		}
	}
	return len(onSide[ourSide])+len(onSide[theirSide]) > 0, nil
}

// free tells whether nothing stands in the way of a move: on the side that
// moves, in the base, and for something new on the other side either.
func (f *follower) free(m move) (bool, error) {
	if objects.CheckPath(m.to) != nil {
		return false, nil
	}
	trees := []objects.ID{f.base, f.sides[m.side]}
	if !m.inBase {
		trees = append(trees, f.sides[1-m.side])
	}
	for _, tree := range trees {
		e, blocked, err := f.lookup(tree, m.to)
		if err != nil || blocked || e != nil {
			return false, err
		}
	}
	return true, nil
}
