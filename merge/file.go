package merge

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"

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

// File merges the content of a file that both sides changed. Its name, without
// regard to the folder, and its content tell how.
func File(path string, base, ours, theirs []byte, o Options) FileResult {
	for _, content := range [3][]byte{base, ours, theirs} {
		if !IsText(content) {
			return FileResult{Reason: "not made of lines of text"}
		}
	}
	f := mergeText(base, ours, theirs, o.Choose)
	if len(f.Conflicts) > MaxPlaces {
		return FileResult{Reason: "too many places differ"}
	}
	if f.Clean && (len(f.Content) > MaxText || !stillSound(ours, theirs, f.Content)) {
		return FileResult{Reason: "the merged text would be damaged"}
	}
	return f
}

// stillSound tells whether a merged text can be read by the programs that read
// both sides: lines that merge well may still break what they are part of.
func stillSound(ours, theirs, merged []byte) bool {
	for _, sound := range []func([]byte) bool{json.Valid, validXML} {
		if sound(ours) && sound(theirs) && !sound(merged) {
			return false
		}
	}
	return true
}

// validXML tells whether text is well-formed XML, by what it begins with.
func validXML(text []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	if !bytes.HasPrefix(start, []byte("<")) {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(start))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		if _, err := d.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}
