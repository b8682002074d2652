package agent

import "io/fs"

// ownFolder trusts the user's profile: the bits of a mode say nothing about who may enter a folder on Windows.
func ownFolder(fs.FileInfo) bool { return true }
