package merge

import (
	"slices"

	"github.com/esync/esync/merge/csv"
	"github.com/esync/esync/merge/dbf"
	"github.com/esync/esync/merge/docx"
	"github.com/esync/esync/merge/xlsx"
)

// Diff lists what is other in a file than it was, by the places that File names:
// Base of a Place is before, Ours after. It reports false for a file that is not
// merged by parts, and for one whose parts cannot be compared; [Unified] is for
// texts.
func Diff(path string, before, after []byte, o Options) ([]Place, bool) {
	switch end := ending(path); {
	case slices.Contains(books, end) && !o.NoOffice:
		changes, err := xlsx.Diff(before, after)
		var list []Place
		for _, c := range changes {
			list = append(list, Place{Where: c.Place(), Base: c.Before, Ours: c.After})
		}
		return list, err == nil
	case slices.Contains(documents, end) && !o.NoOffice:
		list, err := docx.Diff(before, after)
		return placesOf(list), err == nil
	case end == tableFile:
		list, err := dbf.Diff(before, after)
		return placesOf(list), err == nil
	case slices.Contains(tables, end) && isText(before) && isText(after):
		texts := [3][]byte{before, after, before}
		if _, ok := plain(&texts); !ok {
			return nil, false
		}
		list, err := csv.Diff(texts[0], texts[1])
		return placesOf(list), err == nil
	}
	return nil, false
}
