package pack

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// inMemory is a file that only reads.
type inMemory struct {
	fsys.File
	b []byte
}

func (m inMemory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(m.b)) {
		return 0, ErrPack
	}
	return copy(p, m.b[off:]), nil
}

// openIndex opens the index of a pack that has no frames to speak of.
func openIndex(b []byte) (*packFile, error) {
	p := &packFile{name: "x", cache: new(pageCache), size: int64(len(b)), file: inMemory{b: b}}
	if len(b) < headerSize+footerSize {
		return nil, ErrPack
	}
	var err error
	if _, err = parseHeaderOfPack(b); err != nil {
		return nil, err
	}
	if p.layout, err = parseFooter(b[len(b)-footerSize:], p.size); err != nil {
		return nil, err
	}
	return p, p.readDirectory(p.file, b[max(0, len(b)-footerSize):])
}

func indexOf(records []record, room int) []byte {
	b := append(appendHeader(nil, 0), make([]byte, room)...)
	return appendIndex(b, records, int64(len(b)))
}

// TestIndexLaw: an index finds what it was made of and nothing else, also when
// the IDs lie close together.
func TestIndexLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(t, "n")
		spread := rapid.SampledFrom([]int{1, 3, 200, 1 << 16}).Draw(t, "spread")
		idOf := func(i int) (id objects.ID) {
			// With a spread of 1 all share the prefix that the directory has.
			binary.BigEndian.PutUint32(id[4:], uint32(i%spread*7))
			binary.BigEndian.PutUint32(id[20:], uint32(i))
			return id
		}
		var records []record
		for i := range n {
			records = append(records, record{id: idOf(i), offset: headerSize, length: minFrame + i%30, kind: objects.KindTree, form: FormDelta, depth: i % 33, raw: int64(i) << 20})
		}
		p, err := openIndex(indexOf(records, 200))
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			r, ok, err := p.find(idOf(i))
			if err != nil || !ok || r.raw != int64(i)<<20 || r.depth != i%33 || r.length != minFrame+i%30 || r.kind != objects.KindTree || r.form != FormDelta {
				t.Fatalf("%d: %+v, %v, %v", i, r, ok, err)
			}
		}
		for i := n; i < n+50; i++ {
			if _, ok, err := p.find(idOf(i)); ok || err != nil {
				t.Fatalf("%d: %v, %v", i, ok, err)
			}
		}
	})
}

// FuzzIndex: no index makes a look-up go wrong in any other way than by an
// error, or point outside the frames.
func FuzzIndex(f *testing.F) {
	one := record{id: objects.ID{1}, offset: headerSize, length: minFrame, kind: objects.KindBlob}
	f.Add(indexOf([]record{one}, 100))
	f.Add(indexOf([]record{one, {id: objects.ID{2}, offset: 1 << 39, length: 1 << 30, kind: 9, depth: 200}}, 100))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := openIndex(b)
		if err != nil {
			return
		}
		for r, err := range p.records() {
			if err == nil && (r.offset+int64(r.length) > p.layout.pages || !r.kind.Valid()) {
				t.Fatalf("%+v", r)
			}
		}
		p.find(objects.ID{1})
		p.find(objects.ID{})
	})
}
