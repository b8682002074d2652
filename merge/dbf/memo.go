package dbf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/esync/esync/merge/align"
)

// memoFile is a memo file taken apart: blocks of one length, in which texts
// begin that the fields of a table name by the number of a block.
type memoFile struct {
	content []byte
	kind    memoKind
	block   int // length of one
	next    int // number of the block behind the last text
}

// memoKind is how a memo file is made; the table says it.
type memoKind uint8

const (
	noMemo     memoKind = iota
	ended               // dBASE III, Clipper: a text ends with 1A
	measured            // dBASE IV: FF FF 08 00, then the length with these eight bytes
	foxPro              // type and length, of four bytes each, the greatest first
	textEnd    = 0x1a
	textHead   = 8 // bytes in front of a text, but for ended
	headOfMemo = 512
)

var memoMagic = []byte{0xff, 0xff, 0x08, 0x00}

// memoKindOf tells what memo file goes with a kind of table.
func memoKindOf(version byte) memoKind {
	switch version {
	case 0x83:
		return ended
	case 0x8b, 0xcb:
		return measured
	case 0x30, 0x31, 0x32, 0xf5:
		return foxPro
	}
	return noMemo
}

// readMemo takes a memo file apart. It fails unless the file ends where its
// header says that the next text is to be written.
func readMemo(kind memoKind, content []byte) (*memoFile, bool) {
	if kind == noMemo || len(content) < headOfMemo {
		return nil, false
	}
	m := &memoFile{content: content, kind: kind, block: headOfMemo}
	switch kind {
	case foxPro:
		m.next = int(binary.BigEndian.Uint32(content))
		m.block = max(1, int(binary.BigEndian.Uint16(content[6:])))
	case measured:
		if n := int(binary.LittleEndian.Uint16(content[20:])); n > 0 {
			m.block = n
		}
		m.next = int(binary.LittleEndian.Uint32(content))
	default:
		m.next = int(binary.LittleEndian.Uint32(content))
	}
	end := m.next * m.block
	return m, len(content) <= end && end < len(content)+max(m.block, headOfMemo)
}

// at gives the text that begins at a block, with what stands in front of it; none
// at 0.
func (m *memoFile) at(block int) (text []byte, ok bool) {
	if block == 0 {
		return nil, true
	}
	start := block * m.block
	if start < headOfMemo || start >= len(m.content) {
		return nil, false
	}
	rest := m.content[start:]
	if m.kind == ended {
		n := bytes.IndexByte(rest, textEnd)
		return rest[:max(n, 0)], n >= 0
	}
	if len(rest) < textHead {
		return nil, false
	}
	n := int(binary.BigEndian.Uint32(rest[4:])) + textHead
	if m.kind == measured {
		n = int(binary.LittleEndian.Uint32(rest[4:]))
		ok = bytes.HasPrefix(rest, memoMagic) && n >= textHead
	} else {
		ok = true
	}
	if !ok || n > len(rest) {
		return nil, false
	}
	return rest[:n], true
}

// words is a text without what stands in front of it.
func (m *memoFile) words(text []byte) []byte {
	if m.kind == ended || len(text) < textHead {
		return text
	}
	return text[textHead:]
}

// add writes a text behind the others, and gives the number of its block.
func (m *memoFile) add(text []byte) int {
	block := m.next
	m.pad()
	m.content = append(m.content, text...)
	if m.kind == ended {
		m.content = append(m.content, textEnd, textEnd)
	}
	m.next = (len(m.content) + m.block - 1) / m.block
	m.pad()
	if m.kind == foxPro {
		binary.BigEndian.PutUint32(m.content, uint32(m.next))
	} else {
		binary.LittleEndian.PutUint32(m.content, uint32(m.next))
	}
	return block
}

// pad fills the file up to where the next text begins.
func (m *memoFile) pad() {
	m.content = append(m.content, make([]byte, m.next*m.block-len(m.content))...)
}

// readMemos gives each table its memo file, if all have one that can be read and
// has what they name.
func (m *merger) readMemos(contents [3][]byte) bool {
	var memos [3]*memoFile
	for i, t := range m.v {
		var ok bool
		if memos[i], ok = readMemo(memoKindOf(t.header[0]), contents[i]); !ok || !t.names(memos[i]) || memos[i].kind != memos[0].kind {
			return false
		}
	}
	for i, t := range m.v {
		t.memo = memos[i]
	}
	return true
}

// names tells whether all that a table names in a memo file is there.
func (t *table) names(m *memoFile) bool {
	for i := range t.fields {
		if !t.fields[i].memo() {
			continue
		}
		for row := range t.Rows() {
			block, ok := t.fields[i].place(t.raw(row, i+1))
			if ok {
				_, ok = m.at(block)
			}
			if !ok {
				return false
			}
		}
	}
	return true
}

// place reads the number of a block out of a field.
func (f *field) place(raw []byte) (block int, ok bool) {
	if !f.isText() {
		if f.length != 4 {
			return 0, false
		}
		return int(binary.LittleEndian.Uint32(raw)), true
	}
	digits := bytes.Trim(raw, " \x00")
	if len(digits) == 0 {
		return 0, true
	}
	n, err := strconv.ParseUint(string(digits), 10, 31)
	return int(n), err == nil
}

// putPlace writes the number of a block, in the manner of a field that has one.
func (f *field) putPlace(block int, like []byte) []byte {
	switch {
	case !f.isText():
		return binary.LittleEndian.AppendUint32(nil, uint32(block))
	case len(like) > 0 && like[0] == '0':
		return fmt.Appendf(nil, "%0*d", f.length, block)
	}
	return fmt.Appendf(nil, "%*d", f.length, block)
}

// chooseMemo tells whose memo file the merge has, to which texts of the other
// side are added: that of the side which changed it; of both, the same one when
// the sides are swapped.
func (m *merger) chooseMemo() {
	if m.v[0].memo == nil {
		return
	}
	b, o, t := m.v[0].memo, m.v[1].memo, m.v[2].memo
	if m.from = 1; bytes.Equal(o.content, b.content) || !bytes.Equal(t.content, b.content) && bytes.Compare(o.content, t.content) > 0 {
		m.from = 2
	}
	whole := *m.v[m.from].memo
	whole.content = bytes.Clone(whole.content)
	m.texts = &whole
}

// memoField gives a memo field of a version as it is in the merge. The text stays
// where the merge has it for the same record; another one is added, so that no two
// records share one which a program may write over.
func (m *merger) memoField(it align.Item, version, i int) []byte {
	f, c := &m.fields[i-1], m.columns[i]
	raw := m.v[version].raw(it.In(version), c.In(version))
	text := m.v[version].Cell(it.In(version), c.In(version))
	if version == m.from || len(text) == 0 {
		return fit(raw, f)
	}
	if row, column := it.In(m.from), c.In(m.from); row >= 0 && column >= 0 && bytes.Equal(text, m.v[m.from].Cell(row, column)) {
		return fit(m.v[m.from].raw(row, column), f)
	}
	if (len(m.texts.content)+len(text))/m.texts.block >= math.MaxInt32 {
		m.failed = unmergeable("its memo file would be too large")
		return fit(raw, f)
	}
	return f.putPlace(m.texts.add(text), raw)
}
