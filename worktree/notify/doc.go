// Package notify tells that something below a folder has changed, so that
// `watch` need not look all the time. It never says what: a scan of the files
// finds that out, and is what decides.
//
// [New] gives a [Watcher], whose Changes holds at most one word. Where the
// system has no way that suits the error is [ErrUnsupported], and the caller
// looks from time to time instead:
//
//	Linux, BSD   github.com/fsnotify/fsnotify, one watch a folder
//	Windows      none: a handle on every folder would keep people from renaming
//	             the folders above it
//	macOS        none: kqueue would open every file of the engagement
//
// The module is fsnotify because it is the one that is kept up; what it lacks,
// folders below folders, is the whole of this package.
package notify
