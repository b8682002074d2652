package docx

import (
	"fmt"

	"github.com/esync/esync/merge/ooxml"
)

// verify finds a document sound, but for the rules that it may break.
func (d *document) verify(may map[string]bool) error {
	d.broken = map[string]bool{}
	var l ooxml.Problems
	for _, p := range verifyPackage(d.pkg, d.trees) {
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
