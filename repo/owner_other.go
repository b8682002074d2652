//go:build !unix

package repo

// checkOwner has nothing to go by here: the owner of a folder is often a group.
func checkOwner(string) error { return nil }
