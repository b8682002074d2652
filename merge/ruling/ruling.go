package ruling

import (
	"fmt"
	"unicode/utf8"
)

// Place is a part of a file that the sides have apart. Where names it for people,
// in the words of the file's kind. The texts are "" where a side has nothing.
type Place struct {
	Where              string
	Base, Ours, Theirs string
}

// Side is one of the two that are merged.
type Side uint8

// The sides that a place can be decided for.
const (
	Ours   Side = 1
	Theirs Side = 2
)

// MaxPlaces is how many places that one side changed are listed.
const MaxPlaces = 10_000

// Book is the account of one merge. Its zero value is one of which nothing is
// decided.
type Book struct {
	// Choose decides conflicts, by place.
	Choose map[string]Side
	// Conflicts are the places that both sides changed and nobody decided.
	Conflicts []Place
	// FromOurs and FromTheirs are the places that one side alone changed, at
	// most MaxPlaces of each.
	FromOurs, FromTheirs []Place

	seen map[string]bool // names of places
}

// Decide tells what was chosen for a conflict; one that is not decided is noted.
// A name that another place has already gets a number.
func (b *Book) Decide(p Place) Side {
	for n := 2; b.seen[p.Where]; n++ {
		p.Where = fmt.Sprintf("%s (%d)", p.Where, n)
	}
	if b.seen == nil {
		b.seen = map[string]bool{}
	}
	b.seen[p.Where] = true
	side := b.Choose[p.Where]
	if side != Ours && side != Theirs {
		b.Conflicts = append(b.Conflicts, p)
	}
	return side
}

// Take notes a place that one side alone changed.
func (b *Book) Take(side Side, p Place) {
	list := &b.FromOurs
	if side == Theirs {
		list = &b.FromTheirs
	}
	if len(*list) < MaxPlaces {
		*list = append(*list, p)
	}
}

// MaxShown is the greatest length of a text in a Place.
const MaxShown = 200

// Cut cuts a text for a Place.
func Cut(text string) string {
	if len(text) <= MaxShown {
		return text
	}
	n := MaxShown
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}
