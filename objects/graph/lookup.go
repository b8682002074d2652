package graph

import (
	"strings"

	"github.com/esync/esync/objects"
)

// Lookup finds what stands at a slash-separated path of a tree. The empty path
// and "." are the tree itself, as a folder without a name.
func Lookup(src objects.Source, tree objects.ID, path string) (objects.Entry, bool, error) {
	e := objects.Entry{Mode: objects.ModeFolder, ID: tree}
	if path == "" || path == "." {
		return e, true, nil
	}
	for name := range strings.SplitSeq(path, "/") {
		if !e.Mode.IsFolder() {
			return objects.Entry{}, false, nil
		}
		t, err := objects.ReadTree(src, e.ID)
		if err != nil {
			return objects.Entry{}, false, err
		}
		var ok bool
		if e, ok = t.Find(name); !ok {
			return objects.Entry{}, false, nil
		}
	}
	return e, true, nil
}
