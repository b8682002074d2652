package worktree

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/esync/esync/objects"
)

// NoteKind says what a note is about.
type NoteKind uint8

// The kinds of notes.
const (
	// NoteLink: a symbolic link, which is not recorded.
	NoteLink NoteKind = iota + 1
	// NoteDevice: a device, pipe or socket, which is not recorded.
	NoteDevice
	// NoteBusy: a file that is being saved or written; what the base has of
	// it stays until it is at rest.
	NoteBusy
	// NoteUnreadable: a file or folder that the system does not let us read.
	NoteUnreadable
	// NoteNested: a folder that has its own .esync inside.
	NoteNested
	// NoteName: a name that some system cannot take. Recording is refused.
	NoteName
	// NoteClash: two names that some system cannot keep apart. Recording is
	// refused.
	NoteClash
	// NoteWaiting: a file that could not be brought up to date, because it
	// has unsaved or unrecorded changes or is open.
	NoteWaiting
)

// String names the kind as status prints it.
func (k NoteKind) String() string {
	switch k {
	case NoteLink:
		return "symlink"
	case NoteDevice:
		return "device"
	case NoteBusy:
		return "busy"
	case NoteUnreadable:
		return "unreadable"
	case NoteNested:
		return "nested"
	case NoteName:
		return "refused-name"
	case NoteClash:
		return "clash"
	case NoteWaiting:
		return "waiting"
	}
	return fmt.Sprintf("note %d", uint8(k))
}

// Note tells of something on disk that was not taken as it stands.
type Note struct {
	Path string
	Kind NoteKind
	// Text says why and what to do; it reads on after the path.
	Text string
}

// Refused tells whether the note keeps everything from being recorded.
func (n Note) Refused() bool { return n.Kind == NoteName || n.Kind == NoteClash }

// ChangeKind says how a path differs from the base.
type ChangeKind uint8

// The kinds of changes.
const (
	Added ChangeKind = iota + 1
	Modified
	Deleted
	// ModeChanged: the same content became executable, or ceased to be.
	ModeChanged
	// TypeChanged: a file stands where a folder was, or the other way round.
	TypeChanged
)

// String names the kind as status prints it.
func (k ChangeKind) String() string {
	switch k {
	case Added:
		return "added"
	case Modified:
		return "modified"
	case Deleted:
		return "deleted"
	case ModeChanged:
		return "mode"
	case TypeChanged:
		return "type"
	}
	return fmt.Sprintf("change %d", uint8(k))
}

// Change is one path that differs. Folders appear only when they are empty or
// changed their type; all else shows in the files they hold.
type Change struct {
	Path string
	Kind ChangeKind
	// Old is the base's entry, nil when added. New is what stands there now,
	// nil when deleted; its ID is zero where nobody had to hash the file.
	Old, New *objects.Entry
}

// notebook gathers notes from many goroutines.
type notebook struct {
	mu    sync.Mutex
	notes []Note
}

func (b *notebook) add(path string, kind NoteKind, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = append(b.notes, Note{Path: path, Kind: kind, Text: fmt.Sprintf(format, args...)})
}

// sorted gives the notes by path; the notebook is not used afterwards.
func (b *notebook) sorted() []Note {
	slices.SortStableFunc(b.notes, func(x, y Note) int { return strings.Compare(x.Path, y.Path) })
	return b.notes
}

// join appends a name to a folder's path, in which "" is the root.
func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// at names a folder for fsys, where "." is the root.
func at(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}
