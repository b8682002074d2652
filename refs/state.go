package refs

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// State is the values of all names after some operation. It never changes and
// may be used from many goroutines. The zero State is that of an empty log.
type State struct {
	values map[Name]Value
	// Seq is the number of the last operation counted, 0 for none.
	Seq uint64
}

// Get gives the value of a name, "" when it is absent.
func (s State) Get(n Name) Value { return s.values[n] }

// Len is the number of names that have a value.
func (s State) Len() int { return len(s.values) }

// List walks, in ascending order, the names that are prefix or lie under it:
// "heads" gives "heads/main" and not "heads2/x". The empty prefix gives all.
func (s State) List(prefix string) iter.Seq2[Name, Value] {
	return func(yield func(Name, Value) bool) {
		var names []Name
		for n := range s.values {
			if _, under := n.Under(prefix); under || prefix == "" || n.text == prefix {
				names = append(names, n)
			}
		}
		slices.SortFunc(names, func(a, b Name) int { return strings.Compare(a.text, b.text) })
		for _, n := range names {
			if !yield(n, s.values[n]) {
				return
			}
		}
	}
}

// Stale lists the changes that don't start from s.
func (s State) Stale(changes []Change) []Stale {
	var stale []Stale
	for _, c := range changes {
		if actual := s.values[c.Name]; actual != c.Old {
			stale = append(stale, Stale{Name: c.Name, Expected: c.Old, Actual: actual})
		}
	}
	return stale
}

// replayer builds a State out of operations without touching the one it
// started from.
type replayer struct {
	values map[Name]Value
	shared bool
}

func (s State) replayer() *replayer { return &replayer{values: s.values, shared: true} }

func (r *replayer) apply(op Operation) {
	if r.shared {
		r.values, r.shared = maps.Clone(r.values), false
		if r.values == nil {
			r.values = map[Name]Value{}
		}
	}
	for _, c := range op.Changes {
		if c.New == "" {
			delete(r.values, c.Name)
		} else {
			r.values[c.Name] = c.New
		}
	}
}
