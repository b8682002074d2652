package docx

import (
	"fmt"
	"maps"

	"github.com/esync/esync/merge/ooxml"
)

// verify finds a document sound but for the rules that it may break.
func (d *document) verify() error {
	may := lenient
	if d.may != nil {
		may = d.may
	}
	d.broken = map[string]bool{}
	var l ooxml.Problems
	for _, p := range verifyPackage(d.pkg) {
		if may[p.Rule] {
			d.broken[p.Rule] = true
		} else {
			l = append(l, p)
		}
	}
	if len(l) > 0 {
		return fmt.Errorf("%w: %w", ErrUnmergeable, l.Err())
	}
	return nil
}

// allow lets a document break the rules that others broke.
func (d *document) allow(broken ...map[string]bool) {
	d.may = map[string]bool{}
	for _, one := range broken {
		maps.Copy(d.may, one)
	}
}
