package merge

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/esync/esync/merge/csv"
	"github.com/esync/esync/merge/dbf"
	"github.com/esync/esync/merge/docx"
	"github.com/esync/esync/merge/xlsx"
	"github.com/esync/esync/objects"
)

// FileResult is the merge of the content of one file.
type FileResult struct {
	// Clean tells that Content is the merge. It is one that its own program
	// reads, else the merge is not clean.
	Clean   bool
	Content []byte
	// Conflicts are the places that both sides changed, apart from each other.
	Conflicts []Place
	// Reason says why a file without such places is not merged.
	Reason string
	// FromOurs and FromTheirs are the places that one side alone changed.
	FromOurs, FromTheirs []Place
}

// MaxFile is the greatest length of a file whose content is merged.
const MaxFile = objects.MaxWhole

// File merges the content of a file that both sides changed. The ending of its
// name and its content tell how.
func File(path string, base, ours, theirs []byte, o Options) (f FileResult) {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return FileResult{Clean: true, Content: ours}
	case bytes.Equal(base, ours):
		return FileResult{Clean: true, Content: theirs}
	}
	defer func() {
		// A file that a merge cannot cope with is a conflict, and stops nobody's
		// work on the others.
		if fault := recover(); fault != nil {
			f = FileResult{Reason: fmt.Sprintf("merging it failed: %.200v", fault)}
		}
	}()
	switch end := ending(path); {
	case slices.Contains(books, end) && !o.NoOffice:
		f = mergeBook(base, ours, theirs, o.Choose)
	case slices.Contains(documents, end) && !o.NoOffice:
		f = mergeDocument(base, ours, theirs, o.Choose)
	case end == tableFile:
		f, _ = mergeDBF([3][]byte{base, ours, theirs}, dbf.Options{Choose: sidesOf[dbf.Side](o.Choose)})
	case slices.Contains(tables, end) && isText(base) && isText(ours) && isText(theirs):
		f = mergeTable(base, ours, theirs, o.Choose)
		if f.Clean && !oneEncoding(f.Content) && oneEncoding(ours) && oneEncoding(theirs) {
			return FileResult{Reason: twoEncodings}
		}
	case IsText(base) && IsText(ours) && IsText(theirs):
		f = mergeText(base, ours, theirs, o.Choose)
		if reason := unsound(ours, theirs, f.Content); f.Clean && reason != "" {
			return FileResult{Reason: reason}
		}
	default:
		return FileResult{Reason: "can only be taken whole"}
	}
	switch {
	case !f.Clean && len(f.Conflicts) > MaxPlaces:
		return FileResult{Reason: "too many places differ"}
	case f.Clean && len(f.Content) > MaxFile:
		return FileResult{Reason: "too large to merge"}
	}
	return f
}

// books are the endings of workbooks that are merged by cell.
var books = []string{".xlsx", ".xlsm"}

// mergeBook merges a workbook cell by cell.
func mergeBook(base, ours, theirs []byte, choose map[string]Side) FileResult {
	r, err := xlsx.MergeWith(base, ours, theirs, sidesOf[xlsx.Side](choose))
	return officeResult(r.Bytes, placesOf(r.Conflicts), placesOf(r.Kept), placesOf(r.Changes), err)
}

// documents are the endings of documents that are merged by paragraph.
var documents = []string{".docx", ".docm"}

// mergeDocument merges a document paragraph by paragraph.
func mergeDocument(base, ours, theirs []byte, choose map[string]Side) FileResult {
	r, err := docx.MergeWith(base, ours, theirs, sidesOf[docx.Side](choose))
	return officeResult(r.Bytes, placesOf(r.Conflicts), placesOf(r.Kept), placesOf(r.Changes), err)
}

func officeResult(content []byte, conflicts, fromOurs, fromTheirs []Place, err error) FileResult {
	switch {
	case err != nil:
		return FileResult{Reason: err.Error()}
	case len(conflicts) > 0:
		return FileResult{Conflicts: conflicts}
	}
	return FileResult{Clean: true, Content: content, FromOurs: fromOurs, FromTheirs: fromTheirs}
}

// tables are the endings of files that are tables of text.
var tables = []string{".csv", ".tsv", ".tab"}

// ending is the ending of a path's name, in lower case.
func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// mergeTable merges by rows and cells, and by lines what is no table.
func mergeTable(base, ours, theirs []byte, choose map[string]Side) FileResult {
	texts := [3][]byte{base, ours, theirs}
	encoding, ok := decodeAll(&texts)
	if !ok {
		return FileResult{Reason: "the encodings of the text differ"}
	}
	if !csv.IsTable(texts[0]) && len(base) <= MaxText && len(ours) <= MaxText && len(theirs) <= MaxText {
		return mergeText(base, ours, theirs, choose)
	}
	r, err := csv.Merge(texts[0], texts[1], texts[2], sidesOf[csv.Side](choose))
	if err != nil {
		return FileResult{Reason: err.Error()}
	}
	f := FileResult{Clean: len(r.Conflicts) == 0, Conflicts: placesOf(r.Conflicts), FromOurs: placesOf(r.FromOurs), FromTheirs: placesOf(r.FromTheirs)}
	if f.Clean {
		f.Content = encode(r.Text, encoding)
	}
	return f
}

// sidesOf gives decisions to a package that has a Side of its own.
func sidesOf[S ~uint8](choose map[string]Side) map[string]S {
	out := make(map[string]S, len(choose))
	for where, side := range choose {
		out[where] = S(side)
	}
	return out
}

// placesOf takes over the places of a package that has a Place of its own.
func placesOf[P ~struct{ Where, Base, Ours, Theirs string }](list []P) []Place {
	var out []Place
	for _, p := range list {
		q := struct{ Where, Base, Ours, Theirs string }(p)
		out = append(out, Place{Where: q.Where, Base: q.Base, Ours: q.Ours, Theirs: q.Theirs})
	}
	return out
}
