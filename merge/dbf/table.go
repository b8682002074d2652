package dbf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// ErrUnmergeable: the three are no tables whose parts agree, or what the sides
// did cannot be put together. The error says what.
var ErrUnmergeable = errors.New("table cannot be merged")

// ErrMemo: both sides changed a memo file that cannot be read.
var ErrMemo = fmt.Errorf("%w: both sides changed its memo file", ErrUnmergeable)

func unmergeable(what string) error { return fmt.Errorf("%w: %s", ErrUnmergeable, what) }

// field is a column of a table.
type field struct {
	name     string
	kind     byte
	length   int
	decimals byte
	flags    byte
	at       int // in a record
}

// memo tells whether the field holds a place in the memo file.
func (f *field) memo() bool {
	return strings.IndexByte("MGPW", f.kind) >= 0 || f.kind == 'B' && f.length == memoDigits
}

// table is a file taken apart.
type table struct {
	header  []byte // up to the first record
	fields  []field
	size    int // of a record
	records []byte
	end     bool      // the mark of the end is there
	memo    *memoFile // what its memo fields name, if that is read
}

const (
	fieldSize  = 32
	fieldsEnd  = 0x0d
	fileEnd    = 0x1a
	minHeader  = 32 + fieldSize + 1
	numbersOwn = 0x0c // a field's flag: the program numbers the records
)

// parse takes a file apart. It fails unless all of it agrees.
func parse(content []byte) (*table, error) {
	if len(content) < minHeader {
		return nil, unmergeable("too short")
	}
	switch content[0] {
	case 0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0xcb, 0xf5, 0xfb:
	default:
		return nil, unmergeable("an unknown kind of table")
	}
	if content[15] != 0 {
		return nil, unmergeable("it is encrypted")
	}
	count := int64(binary.LittleEndian.Uint32(content[4:]))
	head, size := int(binary.LittleEndian.Uint16(content[8:])), int(binary.LittleEndian.Uint16(content[10:]))
	if head < minHeader || head > len(content) || size < 2 {
		return nil, unmergeable("its header is damaged")
	}
	t := &table{header: content[:head], size: size}
	rest := content[head:]
	switch want := count * int64(size); {
	case int64(len(rest)) == want+1 && rest[want] == fileEnd:
		t.end = true
	case int64(len(rest)) != want:
		return nil, unmergeable("its length is not that of its records")
	}
	t.records = rest[:count*int64(size)]
	return t, t.readFields()
}

func (t *table) readFields() error {
	at := 1 // behind the mark of deletion
	names := map[string]bool{}
	for rest := t.header[32:]; ; rest = rest[fieldSize:] {
		if len(rest) == 0 || rest[0] != fieldsEnd && len(rest) < fieldSize {
			return unmergeable("its fields are damaged")
		}
		if rest[0] == fieldsEnd {
			break
		}
		name, _, _ := bytes.Cut(rest[:11], []byte{0})
		f := field{name: strings.ToValidUTF8(string(name), "?"), kind: rest[11], length: int(rest[16]), decimals: rest[17], flags: rest[18], at: at}
		if f.kind == 'C' && f.decimals > 0 { // the upper byte of the length
			f.length += int(f.decimals) << 8
		}
		if f.length == 0 || names[f.name] {
			return unmergeable("its fields are damaged")
		}
		names[f.name] = true
		at += f.length
		t.fields = append(t.fields, f)
	}
	if at != t.size || len(t.fields) == 0 {
		return unmergeable("its fields are not as long as a record")
	}
	return nil
}

// Rows, with Cell, makes a table an align.Grid. Column 0 is the mark of
// deletion, the others are the fields.
func (t *table) Rows() int { return len(t.records) / t.size }

// Cell gives a field without what only fills it up, and of a memo field the text.
func (t *table) Cell(row, column int) []byte {
	if column == 0 {
		return t.record(row)[:1]
	}
	f, raw := &t.fields[column-1], t.raw(row, column)
	if t.memo != nil && f.memo() {
		block, _ := f.place(raw)
		text, _ := t.memo.at(block)
		return text
	}
	return f.trim(raw)
}

func (t *table) record(row int) []byte { return t.records[row*t.size : (row+1)*t.size] }

// raw gives a field as it stands.
func (t *table) raw(row, column int) []byte {
	if column == 0 {
		return t.record(row)[:1]
	}
	f := &t.fields[column-1]
	return t.record(row)[f.at : f.at+f.length]
}

func (f *field) trim(raw []byte) []byte {
	switch f.kind {
	case 'C':
		return bytes.TrimRight(raw, " \x00")
	case 'N', 'F':
		return bytes.Trim(raw, " \x00")
	}
	return raw
}

// binaryKinds are fields whose bytes are no text, and whose blank is zero.
const binaryKinds = "IYT@+OB0QV"

// isText tells whether a field's bytes are what a person reads.
func (f *field) isText() bool {
	if f.memo() {
		return f.length == memoDigits
	}
	return strings.IndexByte(binaryKinds, f.kind) < 0
}

// memoDigits is the length of a memo field that is written in digits.
const memoDigits = 10

// blank is what a field holds in a record of a side that has no such field.
func (f *field) blank() []byte {
	if f.isText() {
		return bytes.Repeat([]byte{' '}, f.length)
	}
	return make([]byte, f.length)
}

// word is a field as a person reads it.
func (t *table) word(row, column int) string {
	raw := t.Cell(row, column)
	switch {
	case column > 0 && t.memo != nil && t.fields[column-1].memo():
		raw = t.memo.words(raw)
	case column > 0 && !t.fields[column-1].isText():
		return fmt.Sprintf("%x", raw)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(raw), "?"))
}
