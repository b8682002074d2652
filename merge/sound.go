package merge

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// twoEncodings is why a text is not merged one side of which wrote all letters in
// another encoding, which no mark tells.
const twoEncodings = "merged, its letters would be in two encodings"

// unsound says why a merged text is not one that the programs read which read both
// sides: lines that merge well may still break what they are part of.
func unsound(ours, theirs, merged []byte) string {
	if len(merged) > MaxText {
		return "too large to merge"
	}
	for _, law := range []struct {
		holds  func([]byte) bool
		reason string
	}{
		{oneEncoding, twoEncodings},
		{plainly(json.Valid), "merged by lines, its program could not read it"},
		{plainly(validXML), "merged by lines, its program could not read it"},
		{plainly(uniqueJSON), "merged by lines, it would have one name twice"},
		{plainly(uniqueSettings), "merged by lines, it would have one name twice"},
	} {
		if law.holds(ours) && law.holds(theirs) && !law.holds(merged) {
			return law.reason
		}
	}
	return ""
}

// plainly applies a law to a text without its mark, in UTF-8.
func plainly(holds func([]byte) bool) func([]byte) bool {
	return func(content []byte) bool {
		text, _, ok := decode(content)
		return ok && holds(text)
	}
}

// oneEncoding tells whether all letters of a text are written in the encoding that
// its mark tells, or without one are all in UTF-8 or all in an older one, as far as can be
// seen by its lines.
func oneEncoding(content []byte) bool {
	text, e, ok := decode(content)
	switch {
	case !ok:
		return false
	case utf8.Valid(text):
		return true
	case e != unmarked:
		return false
	}
	for line := range bytes.Lines(text) {
		if utf8.Valid(line) && bytes.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			return false
		}
	}
	return true
}

// validXML tells whether text is well-formed XML, by what it begins with.
func validXML(text []byte) bool {
	start := bytes.TrimLeft(text, " \t\r\n")
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

// uniqueJSON tells whether text is JSON of which no object has a name twice.
// Programs take either of the two values without a word.
func uniqueJSON(text []byte) bool {
	if !json.Valid(text) {
		return false
	}
	type level struct {
		names map[string]bool // nil in an array
		value bool            // the next is the value of a name
	}
	var open []level
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open) - 1; n >= 0 && open[n].names != nil {
			in := &open[n]
			if name, ok := token.(string); ok && !in.value {
				if in.names[name] {
					return false
				}
				in.names[name] = true
			}
			in.value = !in.value
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		}
	}
}

// uniqueSettings tells whether text is settings, which are lines of names and
// values in sections, of which no section has a name twice.
func uniqueSettings(text []byte) bool {
	seen := map[string]bool{}
	section, settings := "", false
	for line := range strings.Lines(string(text)) {
		line = strings.ToLower(strings.TrimSpace(line))
		switch name, _, ok := strings.Cut(line, "="); {
		case line == "" || line[0] == ';' || line[0] == '#':
			continue
		case line[0] == '[' && strings.HasSuffix(line, "]"):
			section = line
		case ok && strings.TrimSpace(name) != "":
			line, settings = section+strings.TrimSpace(name), true
		default:
			return false
		}
		if seen[line] {
			return false
		}
		seen[line] = true
	}
	return settings
}
