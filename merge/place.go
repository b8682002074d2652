package merge

// Place is a part of a file that the sides have apart: a cell, a record, a
// line. Where is unlike that of any other place of the file. The texts are what
// a person would see there; they are "" where a side has nothing, and cut short
// when long.
type Place struct {
	Where              string
	Base, Ours, Theirs string
	// Take is what a person has chosen for a place in conflict.
	Take Side
}

// Side is one of the two that are merged.
type Side uint8

const (
	// Undecided is no side.
	Undecided Side = iota
	Ours
	Theirs
)

// String is part of the encoding of conflicts.
func (s Side) String() string {
	switch s {
	case Ours:
		return "ours"
	case Theirs:
		return "theirs"
	}
	return "undecided"
}

// mirror is the side as the other one calls it.
func (s Side) mirror() Side {
	switch s {
	case Ours:
		return Theirs
	case Theirs:
		return Ours
	}
	return Undecided
}
