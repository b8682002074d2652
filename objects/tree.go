package objects

import (
	"encoding/binary"
	"fmt"
	"sort"
	"time"

	"github.com/esync/esync/internal/codec"
)

const treeVersion = 1

// Mode tells what a tree's entry is.
type Mode uint8

// The modes. Their numbers are part of the encoding.
const (
	ModeFile       Mode = 1
	ModeExecutable Mode = 2
	ModeFolder     Mode = 3
)

// IsFolder tells whether the entry names a tree.
func (m Mode) IsFolder() bool { return m == ModeFolder }

// String names the mode for messages.
func (m Mode) String() string {
	switch m {
	case ModeFile:
		return "file"
	case ModeExecutable:
		return "executable"
	case ModeFolder:
		return "folder"
	}
	return fmt.Sprintf("mode %d", uint8(m))
}

// Entry is one name in a folder.
type Entry struct {
	// Name is one component of a path; CheckName accepts it.
	Name string
	Mode Mode
	// ID names the blob, or the tree of a folder.
	ID ID
	// Size is the file's length in bytes, or the sum of all files below.
	Size int64
	// ModTime is when the content last changed, in milliseconds since 1970.
	// It is 0 for a folder. Merging ignores it where the content is equal.
	ModTime int64
}

// Time gives ModTime as a time.Time.
func (e Entry) Time() time.Time { return time.UnixMilli(e.ModTime) }

// Same tells whether two entries of one name hold the same content in the
// same mode. The time of change does not count.
func (e Entry) Same(o Entry) bool { return e.Mode == o.Mode && e.ID == o.ID }

// Tree is a folder: its entries, strictly ascending by the bytes of the name.
type Tree struct {
	Entries []Entry
}

// Sort puts the entries into the order that Encode wants.
func (t *Tree) Sort() {
	sort.Slice(t.Entries, func(i, j int) bool { return t.Entries[i].Name < t.Entries[j].Name })
}

// Find gives the entry of that name.
func (t *Tree) Find(name string) (Entry, bool) {
	i := sort.Search(len(t.Entries), func(i int) bool { return t.Entries[i].Name >= name })
	if i < len(t.Entries) && t.Entries[i].Name == name {
		return t.Entries[i], true
	}
	return Entry{}, false
}

// Size is the sum of all files in the folder and below.
func (t *Tree) Size() int64 {
	var n int64
	for i := range t.Entries {
		n += t.Entries[i].Size
	}
	return n
}

// Encode gives the tree's one encoding. It panics when entries are out of
// order or a field is out of range: whoever builds a tree checks names first.
func (t *Tree) Encode() []byte {
	n := 16
	for i := range t.Entries {
		n += len(t.Entries[i].Name) + IDSize + 16
	}
	b := make([]byte, 0, n)
	b = append(b, treeVersion)
	b = binary.AppendUvarint(b, uint64(len(t.Entries)))
	last := ""
	for i := range t.Entries {
		e := &t.Entries[i]
		if err := e.check(last); err != nil {
			panic(fmt.Sprintf("objects: encode tree: %v", err))
		}
		last = e.Name
		b = append(b, byte(e.Mode))
		b = codec.AppendString(b, e.Name)
		b = append(b, e.ID[:]...)
		b = binary.AppendUvarint(b, uint64(e.Size))
		b = binary.AppendVarint(b, e.ModTime)
	}
	return b
}

func (e *Entry) check(last string) error {
	switch {
	case e.Mode < ModeFile || e.Mode > ModeFolder:
		return fmt.Errorf("%w: %q has mode %d", ErrMalformed, clip(e.Name), e.Mode)
	case e.Name <= last:
		return fmt.Errorf("%w: %q stands after %q", ErrMalformed, clip(e.Name), clip(last))
	case e.Size < 0:
		return fmt.Errorf("%w: %q has a negative size", ErrMalformed, clip(e.Name))
	case e.Mode == ModeFolder && e.ModTime != 0:
		return fmt.Errorf("%w: folder %q has a time", ErrMalformed, clip(e.Name))
	}
	return CheckName(e.Name)
}

// minEntry is the least length of an encoded entry.
const minEntry = 1 + 2 + IDSize + 1 + 1

// DecodeTree reads what Encode made. Names are checked one by one; whether two
// of them clash on some system is CheckClashes' question.
func DecodeTree(content []byte) (*Tree, error) {
	d := newDecoder(content)
	if len(content) > MaxMeta {
		d.Fail("tree of %d bytes", len(content))
	}
	if v := d.Byte(); d.Err() == nil && v != treeVersion {
		d.Fail("tree version %d", v)
	}
	n := d.Count(minEntry, MaxMeta)
	t := &Tree{Entries: make([]Entry, 0, n)}
	names := string(d.Rest()) // one copy that all names share
	last := ""
	for range n {
		var e Entry
		e.Mode = Mode(d.Byte())
		name := d.Bytes(MaxMeta)
		at := len(names) - len(d.Rest()) - len(name)
		e.ID = d.ID()
		size := d.Uvarint()
		e.Size = int64(size)
		e.ModTime = d.Varint()
		if d.Err() != nil {
			return nil, d.Err()
		}
		e.Name = names[at : at+len(name)]
		if err := e.check(last); err != nil {
			return nil, err
		}
		last = e.Name
		t.Entries = append(t.Entries, e)
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return t, nil
}
