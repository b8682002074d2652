package transport

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

const (
	// maxTips bounds the names of one engagement.
	maxTips = 16 << 10
	// maxPatterns and maxPattern bound what is asked for.
	maxPatterns = 32
	maxPattern  = refs.MaxName
)

// Tip is a name and the commit it stands at.
type Tip struct {
	Name refs.Name
	ID   objects.ID
}

// Tips are the names that a peer shares, ascending.
type Tips []Tip

// Get gives the commit of a name, zero when there is none.
func (t Tips) Get(n refs.Name) objects.ID {
	i, found := slices.BinarySearchFunc(t, n, func(a Tip, n refs.Name) int { return strings.Compare(a.Name.String(), n.String()) })
	if !found {
		return objects.ID{}
	}
	return t[i].ID
}

// IDs gives the commits, each once, in the order of the names.
func (t Tips) IDs() []objects.ID {
	seen := make(map[objects.ID]bool, len(t))
	ids := make([]objects.ID, 0, len(t))
	for _, tip := range t {
		if !seen[tip.ID] {
			seen[tip.ID] = true
			ids = append(ids, tip.ID)
		}
	}
	return ids
}

// carriedRoot is the root of what the engagement carries besides its files.
const carriedRoot = "meta"

// byHistory parts the tips by what their commits descend from.
func (t Tips) byHistory() (carried, lines Tips) {
	for _, tip := range t {
		if _, ok := tip.Name.Under(carriedRoot); ok {
			carried = append(carried, tip)
		} else {
			lines = append(lines, tip)
		}
	}
	return carried, lines
}

// sharedRoots are the roots of the names that cross the wire, ascending.
var sharedRoots = [...]string{"heads", carriedRoot, "tags"}

// Shared tells whether a name crosses the wire at all: lines, tags and what the
// engagement carries besides its files do. What a copy notes of its files and
// peers stays with it.
func Shared(n refs.Name) bool {
	for _, root := range sharedRoots {
		if _, ok := n.Under(root); ok {
			return true
		}
	}
	return false
}

// TipsOf gives what a state shares.
func TipsOf(s refs.State) (Tips, error) {
	var tips Tips
	for _, root := range sharedRoots {
		for name, value := range s.List(root) {
			id, err := value.ID()
			if err != nil {
				return nil, fmt.Errorf("read %q: %w", name, err)
			}
			tips = append(tips, Tip{name, id})
		}
	}
	if len(tips) > maxTips {
		return nil, fmt.Errorf("%w: %d names", ErrTooLarge, len(tips))
	}
	return tips, nil
}

// match keeps the tips that a pattern names: all of them without patterns; a
// pattern that ends with "*" stands for all names that begin so.
func (t Tips) match(patterns []string) Tips {
	if len(patterns) == 0 {
		return t
	}
	var some Tips
	for _, tip := range t {
		for _, p := range patterns {
			prefix, open := strings.CutSuffix(p, "*")
			if name := tip.Name.String(); name == p || open && strings.HasPrefix(name, prefix) {
				some = append(some, tip)
				break
			}
		}
	}
	return some
}

func appendTips(b []byte, tips Tips) []byte {
	b = binary.AppendUvarint(b, uint64(len(tips)))
	for i := range tips {
		b = codec.AppendString(b, tips[i].Name.String())
		b = append(b, tips[i].ID[:]...)
	}
	return b
}

func (d *decoder) tips() Tips {
	n := d.Count(1+objects.IDSize, maxTips)
	var tips Tips
	last := ""
	for range n {
		name := d.name()
		id := objects.ID(d.ID())
		switch {
		case d.Err() != nil:
			return nil
		case name.String() <= last:
			d.Fail("%q stands after %q", name, last)
		case id.IsZero() || !Shared(name):
			d.Fail("%q is no shared name", name)
		}
		last = name.String()
		tips = append(tips, Tip{name, id})
	}
	return tips
}

func (d *decoder) name() refs.Name {
	s := d.Text(refs.MaxName)
	if d.Err() != nil {
		return refs.Name{}
	}
	n, err := refs.ParseName(s)
	if err != nil {
		d.Fail("%v", err)
	}
	return n
}
