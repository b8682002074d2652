package ruling

import (
	"bytes"
	"crypto/sha256"
)

// Result is the merge of a file that is written anew.
type Result struct {
	// Bytes is the merged file, nil when conflicts remain.
	Bytes []byte
	// Conflicts are the places at which the sides disagree and nobody chose.
	Conflicts []Place
	// Changes are the places that came from their side, at most MaxPlaces.
	Changes []Place
	// Kept are the places that our side changed and their side did not, or in
	// another way; at most MaxPlaces.
	Kept []Place
}

// InOrder merges with the sides in the order of their content, so that it does
// not matter who merges: with the sides swapped the bytes are the same and the
// places mirrored. To join, the first side is ours.
func InOrder(ours, theirs []byte, choose map[string]Side, join func(sides [2][]byte, choose map[string]Side) (Result, error)) (Result, error) {
	x, y := sha256.Sum256(ours), sha256.Sum256(theirs)
	if bytes.Compare(x[:], y[:]) <= 0 {
		r, err := join([2][]byte{ours, theirs}, choose)
		if err != nil {
			return Result{}, err
		}
		return r, nil
	}
	mirrored := make(map[string]Side, len(choose))
	for where, side := range choose {
		mirrored[where] = Ours + Theirs - side
	}
	r, err := join([2][]byte{theirs, ours}, mirrored)
	if err != nil {
		return Result{}, err
	}
	return r.Mirror(), nil
}

// Mirror is the merge as the other side sees it. It takes the lists over.
func (r Result) Mirror() Result {
	r.Changes, r.Kept = r.Kept, r.Changes
	for _, list := range [][]Place{r.Conflicts, r.Changes, r.Kept} {
		for i := range list {
			list[i].Ours, list[i].Theirs = list[i].Theirs, list[i].Ours
		}
	}
	return r
}
