package transport

import "github.com/esync/esync/objects"

// Arrived is what a transfer brought, before it becomes part of the store: all
// of it is there, sound, and complete down to the commits that this copy had.
type Arrived struct {
	// Tips are the names that came, or are to move, with the commits they
	// then stand at.
	Tips Tips
	// Fresh are the commits that no name of this copy reached before, parents
	// before their children. It is empty when only names are new.
	Fresh []objects.ID
	// Source reads what arrived, and the store.
	Source objects.Source
}
