package transport

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
)

// About is what a peer says of its engagement before anything else.
type About struct {
	ID    objects.ID
	Name  string
	Level Level
	// Receipt is the newest word of the engagement's top-level parent that the
	// peer has, nil when it has none. Whoever uses it verifies it.
	Receipt []byte
}

// hello is the first message of a server.
type hello struct {
	version  byte
	features uint64
	about    About
}

func (h *hello) encode() []byte {
	b := []byte{h.version}
	b = binary.AppendUvarint(b, h.features)
	b = append(b, byte(h.about.Level))
	b = append(b, h.about.ID[:]...)
	b = codec.AppendString(b, h.about.Name)
	return appendExtensions(b, extension{extReceipt, h.about.Receipt})
}

func decodeHello(b []byte) (*hello, error) {
	d := newDecoder(b)
	h := &hello{version: d.Byte()}
	if d.Err() == nil && (h.version < minVersion || h.version > maxVersion) {
		return nil, fmt.Errorf("%w: it answers in %d", ErrVersion, h.version)
	}
	h.features = d.Uvarint()
	h.about.Level = Level(d.Byte())
	if d.Err() == nil && h.about.Level != LevelRead && h.about.Level != LevelFull {
		d.Fail("unknown level %d", h.about.Level)
	}
	h.about.ID = d.ID()
	h.about.Name = clean(d.Text(maxEngagement))
	h.about.Receipt = d.receipt()
	if d.Err() == nil && h.about.ID.IsZero() {
		d.Fail("engagement without id")
	}
	return h, d.End()
}

// receipt reads extensions of which one may be a receipt.
func (d *decoder) receipt() (receipt []byte) {
	d.extensions(map[uint64]*[]byte{extReceipt: &receipt}, maxControl)
	if len(receipt) > maxReceipt {
		d.Fail("receipt of %d bytes", len(receipt))
	}
	return bytes.Clone(receipt)
}

// call opens a stream for a request. The caller closes the stream and calls
// stop when done.
func (m *meter) call(ctx context.Context, o Opener, r *request) (s Stream, in *reader, stop func() bool, err error) {
	payload, err := r.encode()
	if err != nil {
		return nil, nil, nil, err
	}
	if s, stop, err = m.open(ctx, o, payload); err != nil {
		return nil, nil, nil, err
	}
	m.trips.Add(1)
	return s, newReader(s), stop, nil
}

// PeekRequest says what to look at.
type PeekRequest struct {
	// Engagement is its name, or its path at the peer, at most 1 KiB, and ID
	// its ID, zero when not known yet.
	Engagement string
	ID         objects.ID
	// Want are names as in a FetchRequest; none means all.
	Want []string
}

// PeekResult is what a peer shares at this moment.
type PeekResult struct {
	About
	Tips    Tips
	Traffic Traffic
}

// Peek asks a peer where its names are. Nothing is fetched.
func Peek(ctx context.Context, o Opener, req PeekRequest) (PeekResult, error) {
	m := &meter{}
	res, err := m.peek(ctx, o, req)
	res.Traffic = m.traffic()
	return res, cause(ctx, err)
}

func (m *meter) peek(ctx context.Context, o Opener, req PeekRequest) (res PeekResult, err error) {
	s, in, stop, err := m.call(ctx, o, &request{
		min: minVersion, max: maxVersion, features: features, verb: verbTips,
		engagement: req.Engagement, id: req.ID, want: req.Want,
	})
	if err != nil {
		return res, err
	}
	defer s.Close()
	defer stop()
	h, err := greet(in, req.ID)
	if err != nil {
		return res, err
	}
	res.About = h.about
	if res.Tips, err = in.tips(); err != nil {
		return res, err
	}
	if _, err = in.expect(msgEnd); err != nil {
		return res, err
	}
	return res, s.CloseWrite()
}

// tips takes the next message, which must be TIPS.
func (r *reader) tips() (Tips, error) {
	payload, err := r.expect(msgTips)
	if err != nil {
		return nil, err
	}
	d := newDecoder(payload)
	tips := d.tips()
	return tips, d.End()
}
