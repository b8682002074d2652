package transport

import "github.com/esync/esync/objects"

const (
	// maxHaveTips leaves room for ancestors beside the tips themselves.
	maxHaveTips = 192
	// Commits that may be read to find ancestors: few when the peer's own
	// tips are known, which are nearly always what it still has.
	maxSteps      = 4096
	maxStepsKnown = 256
)

// pickHaves chooses the commits to name to a peer: first where its lines were
// last seen, then our own tips, then of each the ancestors at 1, 2, 4, 8 ...
// steps along first parents. Whatever is missed costs lines in a list, never
// content that is there.
func pickHaves(src getter, tracking, tips []objects.ID) []objects.ID {
	var haves []objects.ID
	seen := map[objects.ID]bool{}
	add := func(id objects.ID, limit int) {
		if !id.IsZero() && !seen[id] && len(haves) < limit {
			seen[id] = true
			haves = append(haves, id)
		}
	}
	for _, ids := range [][]objects.ID{tracking, tips} {
		for _, id := range ids {
			add(id, maxHaveTips)
		}
	}
	steps := maxSteps
	if len(tracking) > 0 {
		steps = maxStepsKnown
	}
	starts := haves
	for _, id := range starts {
		if len(haves) >= maxHaves || steps <= 0 {
			break
		}
		each := max(1, steps/len(starts))
		for step := 1; step <= each; step++ {
			c, err := readCommit(src, id)
			if err != nil || len(c.parents) == 0 {
				break
			}
			if id = c.parents[0]; step&(step-1) == 0 {
				add(id, maxHaves)
			}
		}
	}
	return haves
}
