package csv

import (
	"bytes"
	"errors"
	"math"
	"strings"
)

// ErrUnmergeable: the texts are no tables, or what was done to their columns is
// too much. The error says what.
var ErrUnmergeable = errors.New("cannot be merged as a table")

// maxFields bounds the fields of a record; a real table has far fewer.
const maxFields = 16_384

// table is a text cut into records and fields. Fields have their bytes as they
// stand, quotes included.
type table struct {
	text []byte
	sep  byte
	ends []int32 // of all fields, by offset into text
	recs []record
}

// record is a line of fields: those from first on.
type record struct {
	start, first int32
	n            int32
	eol          uint8 // length of the line end: 0, 1 or 2
}

// separators in the order in which they win when as many records have as many
// fields by them: a comma stands in numbers and texts as well.
const separators = "\t;|,"

// sample is how much of a text tells what separates its fields.
const sample = 64 << 10

// separator finds what separates the fields of a text: by it, most records have
// one number of fields.
func separator(text []byte) (byte, bool) {
	best, most := byte(0), 0
	for _, sep := range []byte(separators) {
		t, _ := parse(text[:min(sample, len(text))], sep)
		if _, n := t.width(); n > most {
			best, most = sep, n
		}
	}
	return best, most > 0
}

// width is the number of fields, more than one, that most records have, and how
// many these are.
func (t *table) width() (fields, records int) {
	count := map[int32]int{}
	for _, r := range t.recs {
		if count[r.n]++; r.n > 1 && count[r.n] > records {
			fields, records = int(r.n), count[r.n]
		}
	}
	return fields, records
}

// parse cuts a text. It fails, with the records in front, where a quote is not
// closed, or where something other than a separator follows a closing quote.
func parse(text []byte, sep byte) (*table, bool) {
	t := &table{text: text, sep: sep}
	if len(text) > math.MaxInt32 {
		return t, false
	}
	at := 0
	for at < len(text) {
		r := record{start: int32(at), first: int32(len(t.ends))}
		for {
			end, ok := t.field(at)
			if !ok || r.n == maxFields {
				return t, false
			}
			t.ends = append(t.ends, int32(end))
			r.n++
			if at = end; at < len(text) && text[at] == sep {
				at++
				continue
			}
			break
		}
		if at < len(text) && text[at] == '\r' {
			r.eol++
		}
		if at+int(r.eol) < len(text) && text[at+int(r.eol)] == '\n' {
			r.eol++
		}
		at += int(r.eol)
		t.recs = append(t.recs, r)
	}
	return t, true
}

// field gives the end of the field that begins at an offset.
func (t *table) field(at int) (end int, ok bool) {
	if at < len(t.text) && t.text[at] == '"' {
		for at++; ; at += 2 {
			n := bytes.IndexByte(t.text[at:], '"')
			if n < 0 {
				return 0, false
			}
			if at += n; at+1 >= len(t.text) || t.text[at+1] != '"' {
				break
			}
		}
		at++
		return at, at == len(t.text) || t.text[at] == t.sep || t.text[at] == '\n' || t.text[at] == '\r'
	}
	for at < len(t.text) {
		// A carriage return alone is part of the field.
		switch c := t.text[at]; {
		case c == t.sep, c == '\n', c == '\r' && (at+1 == len(t.text) || t.text[at+1] == '\n'):
			return at, true
		}
		at++
	}
	return at, true
}

// raw is a field as it stands; one that the record has not is empty.
func (t *table) raw(row, column int) []byte {
	r := t.recs[row]
	if column < 0 || column >= int(r.n) {
		return nil
	}
	start := r.start
	if column > 0 {
		start = t.ends[int(r.first)+column-1] + 1
	}
	return t.text[start:t.ends[int(r.first)+column]]
}

// line is a record without its line end.
func (t *table) line(row int) []byte {
	r := t.recs[row]
	return t.text[r.start:t.ends[r.first+r.n-1]]
}

// eol is the line end of a record.
func (t *table) eol(row int) []byte {
	r := t.recs[row]
	end := t.ends[r.first+r.n-1]
	return t.text[end : end+int32(r.eol)]
}

// meaning is a field without its quotes.
func meaning(raw []byte) []byte {
	if len(raw) < 2 || raw[0] != '"' {
		return raw
	}
	raw = raw[1 : len(raw)-1]
	if bytes.IndexByte(raw, '"') < 0 {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte(`""`), []byte(`"`))
}

func (t *table) value(row, column int) []byte { return meaning(t.raw(row, column)) }

// word is a field as a person reads it.
func (t *table) word(row, column int) string {
	return strings.TrimSpace(strings.ToValidUTF8(string(t.value(row, column)), "?"))
}
