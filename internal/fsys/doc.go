// Package fsys is the one seam through which the store, the refs, the working
// copy and the repository reach files.
//
// Read [FS] first, then [File] and [Info]. [Open] gives the real thing: a
// folder held by handle (os.Root), out of which no name and no symbolic link
// leads. internal/faultfs wraps any FS and fails or stops its n-th operation,
// so that every caller can be tested at every point where a disk can fail or
// a machine can lose power.
//
// Names are slash-separated and relative ("objects/ab.pack"); "." is the
// folder itself. They never begin or end with a slash.
//
// The advisory lock comes from github.com/gofrs/flock: the operating system
// releases it when the process dies, on every platform, which a file made by
// hand does not.
package fsys
