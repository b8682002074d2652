package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sort"

	"github.com/esync/esync/objects"
)

// Sizes of the parts of a pack file. doc.go draws them.
const (
	headerSize   = 16
	recordSize   = objects.IDSize + 5 + 4 + 1 + 1 + 5
	pageRecords  = 85
	pageSize     = pageRecords*recordSize + crcSize
	prefixSize   = 8
	footerSize   = 32
	maxOffset    = 1<<40 - 1
	packVersion  = 1
	flagSetAside = 1
)

var (
	headerMagic = [8]byte{'e', 's', 'y', 'n', 'c', 'p', 'k', '\n'}
	footerMagic = [8]byte{'e', 's', 'y', 'n', 'c', 'e', 'n', 'd'}
)

// record is what the index says of one frame.
type record struct {
	id     objects.ID
	offset int64
	length int
	kind   objects.Kind
	form   Form
	depth  int
	raw    int64
}

func (r *record) info() FrameInfo {
	return FrameInfo{ID: r.id, Kind: r.kind, Form: r.form, Depth: r.depth, Stored: r.length, Raw: r.raw}
}

func recordOf(f *FrameInfo, offset int64) record {
	return record{id: f.ID, offset: offset, length: f.Stored, kind: f.Kind, form: f.Form, depth: f.Depth, raw: f.Raw}
}

// matches tells whether a frame is the one the record is about.
func (r *record) matches(f *FrameInfo) bool {
	return r.id == f.ID && r.kind == f.Kind && r.form == f.Form && r.depth == f.Depth && r.length == f.Stored && r.raw == f.Raw
}

func put40(b []byte, v int64) {
	binary.LittleEndian.PutUint32(b, uint32(v))
	b[4] = byte(v >> 32)
}

func get40(b []byte) int64 {
	return int64(binary.LittleEndian.Uint32(b)) | int64(b[4])<<32
}

func (r *record) append(b []byte) []byte {
	var x [recordSize]byte
	copy(x[:], r.id[:])
	put40(x[32:], r.offset)
	binary.LittleEndian.PutUint32(x[37:], uint32(r.length))
	x[41] = byte(r.kind) | byte(r.form)<<4
	x[42] = byte(r.depth)
	put40(x[43:], r.raw)
	return append(b, x[:]...)
}

func readRecord(x []byte) (r record) {
	copy(r.id[:], x)
	r.offset = get40(x[32:])
	r.length = int(binary.LittleEndian.Uint32(x[37:]))
	r.kind, r.form = objects.Kind(x[41]&0x0f), Form(x[41]>>4)
	r.depth = int(x[42])
	r.raw = get40(x[43:])
	return r
}

func appendHeader(b []byte, flags byte) []byte {
	b = append(b, headerMagic[:]...)
	b = append(b, packVersion, flags)
	return append(b, make([]byte, headerSize-10)...)
}

func parseHeaderOfPack(b []byte) (flags byte, err error) {
	switch {
	case len(b) < headerSize || !bytes.Equal(b[:8], headerMagic[:]):
		return 0, ErrPack
	case b[8] != packVersion:
		return 0, fmt.Errorf("%w: %d", ErrVersion, b[8])
	case b[9] > flagSetAside || !bytes.Equal(b[10:headerSize], make([]byte, headerSize-10)):
		return 0, fmt.Errorf("%w: unknown flags", ErrPack)
	}
	return b[9], nil
}

// appendIndex sorts the records and appends pages, directory and footer. at is
// where they will stand in the file.
func appendIndex(b []byte, records []record, at int64) []byte {
	slices.SortFunc(records, func(x, y record) int { return x.id.Compare(y.id) })
	var directory []byte
	for i := 0; i < len(records); i += pageRecords {
		page := len(b)
		for j := i; j < min(i+pageRecords, len(records)); j++ {
			b = records[j].append(b)
		}
		directory = append(directory, b[page:page+prefixSize]...)
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[page:], castagnoli))
	}
	b = append(b, directory...)
	foot := len(b)
	b = append(b, footerMagic[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(records)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(directory, castagnoli))
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[foot:], castagnoli))
}

// layout says where the parts of a pack's index are.
type layout struct {
	pages int64 // offset of the first page: the end of the frames
	count int   // of records
	sum   uint32
}

func (l layout) pageCount() int { return (l.count + pageRecords - 1) / pageRecords }

// pageAt is where a page stands and how long it is with its checksum.
func (l layout) pageAt(page int) (off int64, length int) {
	n := min(pageRecords, l.count-page*pageRecords)
	return l.pages + int64(page)*pageSize, n*recordSize + crcSize
}

func (l layout) directoryAt() int64 {
	return l.pages + int64(l.count)*recordSize + int64(l.pageCount())*crcSize
}

// parseFooter reads the last footerSize bytes of a pack of the given length.
func parseFooter(b []byte, size int64) (layout, error) {
	if len(b) != footerSize || !bytes.Equal(b[:8], footerMagic[:]) {
		return layout{}, fmt.Errorf("%w: no footer", ErrPack)
	}
	if crc32.Checksum(b[:footerSize-crcSize], castagnoli) != binary.LittleEndian.Uint32(b[footerSize-crcSize:]) {
		return layout{}, fmt.Errorf("%w: footer has a wrong checksum", ErrPack)
	}
	pages, count := binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	if pages < headerSize || pages > uint64(size) || count == 0 || count > uint64(size)/recordSize {
		return layout{}, fmt.Errorf("%w: footer is out of range", ErrPack)
	}
	l := layout{pages: int64(pages), count: int(count), sum: binary.LittleEndian.Uint32(b[24:])}
	if l.directoryAt()+int64(l.pageCount())*prefixSize+footerSize != size {
		return layout{}, fmt.Errorf("%w: %d objects don't make up its length", ErrPack, count)
	}
	return l, nil
}

// checkPage verifies a page and returns its records' bytes.
func checkPage(b []byte) ([]byte, error) {
	n := len(b) - crcSize
	if crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return nil, fmt.Errorf("%w: index page has a wrong checksum", ErrPack)
	}
	return b[:n], nil
}

// findInPage looks an ID up in a page's records.
func findInPage(page []byte, id objects.ID) (record, bool) {
	n := len(page) / recordSize
	i := sort.Search(n, func(i int) bool {
		return bytes.Compare(page[i*recordSize:i*recordSize+objects.IDSize], id[:]) >= 0
	})
	if i == n || !bytes.Equal(page[i*recordSize:i*recordSize+objects.IDSize], id[:]) {
		return record{}, false
	}
	return readRecord(page[i*recordSize:]), true
}

// pageOf tells which page may hold an ID, by the directory: the first 8 bytes
// of the first ID of every page.
func pageOf(directory []uint64, id objects.ID) int {
	prefix := binary.BigEndian.Uint64(id[:])
	return sort.Search(len(directory), func(i int) bool { return directory[i] > prefix }) - 1
}
