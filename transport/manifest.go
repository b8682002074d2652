package transport

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/esync/esync/objects"
)

const (
	// maxEntries bounds a manifest, and so the memory it takes on both sides.
	maxEntries = 4 << 20
	// listPart is how many entries travel in one message.
	listPart = 8 << 10
	minItem  = objects.IDSize + 1
)

// item is one object to be sent.
type item struct {
	id objects.ID
	// size is about the length of its frame: what budgets, progress and lanes
	// are reckoned by.
	size uint32
	// plain is set when the frame must stand alone: its base as stored is
	// nothing that the receiver is known to have. It does not travel.
	plain bool
}

// manifest lists what is to be sent, in order: the base of a difference before
// the difference, pieces before the list of them, commits behind their trees.
type manifest struct {
	items []item
	bytes uint64
	// commits is how many of the items are commits.
	commits int
	id      objects.ID
}

// seal computes the sum and the ID.
func (m *manifest) seal() {
	h := objects.NewHasher(objects.KindBlob)
	var buf []byte
	for i := range m.items {
		m.bytes += uint64(m.items[i].size)
		if buf = appendItem(buf, &m.items[i]); len(buf) > 32<<10 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
	m.id = h.ID()
}

func appendItem(b []byte, it *item) []byte {
	b = append(b, it.id[:]...)
	return binary.AppendUvarint(b, uint64(it.size))
}

// send writes the list: its parts, and the ID that ends it.
func (m *manifest) send(w *writer) error {
	var buf []byte
	for at := 0; at < len(m.items); at += listPart {
		part := m.items[at:min(at+listPart, len(m.items))]
		buf = binary.AppendUvarint(buf[:0], uint64(len(part)))
		for i := range part {
			buf = appendItem(buf, &part[i])
		}
		if err := w.send(msgManifest, buf); err != nil {
			return err
		}
	}
	return w.send(msgListed, append(buf[:0], m.id[:]...))
}

// take adds a part that a peer sent.
func (m *manifest) take(payload []byte) error {
	d := newDecoder(payload)
	n := d.Count(minItem, maxEntries)
	if len(m.items)+n > maxEntries {
		return fmt.Errorf("%w: list of more than %d objects", ErrTooLarge, maxEntries)
	}
	for range n {
		it := item{id: d.ID(), size: uint32(d.Number(math.MaxUint32))}
		if d.Err() == nil && it.id.IsZero() {
			d.Fail("id that names nothing")
		}
		m.items = append(m.items, it)
	}
	return d.End()
}

// receiveManifest reads parts until the ID. first is the part already read.
func receiveManifest(r *reader, first []byte) (*manifest, error) {
	m := &manifest{}
	if err := m.take(first); err != nil {
		return nil, err
	}
	for {
		k, payload, err := r.next(nil)
		switch {
		case err != nil:
			return nil, unexpected(err)
		case k == msgManifest:
			if err := m.take(payload); err != nil {
				return nil, err
			}
		case k == msgListed:
			d := newDecoder(payload)
			id := d.ID()
			if m.seal(); d.Err() == nil && m.id != id {
				d.Fail("list does not match its id")
			}
			return m, d.End()
		default:
			return nil, unwanted(k)
		}
	}
}

// total is a TOTAL message: what follows at once.
type total struct {
	objects int
	bytes   uint64
}

func (t total) encode() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(t.objects)), t.bytes)
}

func decodeTotal(payload []byte) (total, error) {
	d := newDecoder(payload)
	t := total{objects: int(d.Number(1 << 40)), bytes: d.Uvarint()}
	return t, d.End()
}

// missing tells which entries a receiver lacks, each object once, and where each
// such object stands.
func missing(m *manifest, part interface {
	Has(objects.ID) (bool, error)
}) (ranges, map[objects.ID]int32) {
	var need ranges
	wanted := map[objects.ID]int32{}
	for i := range m.items {
		id := m.items[i].id
		if _, again := wanted[id]; again {
			continue
		}
		if ok, err := part.Has(id); !ok || err != nil {
			wanted[id] = int32(i)
			need = need.add(i)
		}
	}
	return need, wanted
}

// sum is about how many bytes the frames of some entries take.
func (m *manifest) sum(r ranges) int64 {
	var n int64
	for _, s := range r {
		for i := s.from; i < s.to; i++ {
			n += int64(m.items[i].size)
		}
	}
	return n
}
