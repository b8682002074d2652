package repo

import (
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

// arrived gives the newest commits of a store without names: those of a clone
// that was cut when all objects had come and no name stood yet. A pack becomes
// part of a store only when the history of its commits is complete. What
// cannot be read has not arrived.
func arrived(store *pack.Store) []objects.ID {
	var commits []objects.ID
	older := map[objects.ID]bool{}
	for info, err := range store.All() {
		if err != nil {
			return nil
		}
		if info.Kind != objects.KindCommit {
			continue
		}
		c, err := objects.ReadCommit(store, info.ID)
		if err != nil {
			return nil
		}
		commits = append(commits, info.ID)
		for _, p := range c.Parents {
			older[p] = true
		}
	}
	var newest []objects.ID
	for _, id := range commits {
		if !older[id] {
			newest = append(newest, id)
		}
	}
	return newest
}
