package transport

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// Versions of the protocol that this program speaks.
const (
	minVersion = 1
	maxVersion = 1
)

// Features are things that both sides must know of, by bit. A bit that one
// side does not know is as good as absent.
const features uint64 = 0

const (
	magic = "esync"
	// MaxRequest is the longest request, which fits the payload of one SSH
	// packet.
	MaxRequest = 24 << 10
	// maxEngagement bounds the name or path of an engagement.
	maxEngagement = 1 << 10
	maxHaves      = 256
	maxChanges    = 64
	maxSender     = 64
)

// unlimited is the budget of who wants all at once.
const unlimited = math.MaxUint64

// verb is what is asked for.
type verb byte

const (
	verbTips  verb = 1 // where the names are
	verbFetch verb = 2 // and what is missing
	verbGet   verb = 3 // one more lane of a fetch
	verbPush  verb = 4
	verbJoin  verb = 5 // to become a member
	verbWatch verb = 6 // where the names are, now and later
	verbLane  verb = 7 // one more lane of a push
)

// lastVerb is the newest that this program knows.
const lastVerb = verbLane

// request is the first thing a client says. It is the same for fetch and get,
// so that both mean the same list.
type request struct {
	min, max   byte
	features   uint64
	verb       verb
	engagement string     // name, path or "" where the stream leads to one only
	id         objects.ID // of the engagement, zero when not known yet
	sender     string     // names the copy that asks, by a word of its own

	want   []string     // patterns of names
	haves  []objects.ID // commits that are complete at the client
	budget uint64       // bytes to send without asking
	bases  bases        // what differences may be sent against

	list    objects.ID    // get: the manifest
	changes []refs.Change // push
	payload []byte        // join
	proof   []byte        // who asks, where the connection does not tell; see Prove

	statement []byte // all before the extensions, of a request that was decoded
}

func (r *request) encode() ([]byte, error) {
	b := append([]byte(magic), r.min, r.max)
	b = binary.AppendUvarint(b, r.features)
	b = append(b, byte(r.verb))
	b = codec.AppendString(b, r.engagement)
	b = append(b, r.id[:]...)
	b = codec.AppendString(b, clip(r.sender, maxSender))
	b = binary.AppendUvarint(b, uint64(len(r.want)))
	for _, p := range r.want {
		b = codec.AppendString(b, p)
	}
	b = appendIDs(b, r.haves)
	b = binary.AppendUvarint(b, r.budget)
	b = append(b, byte(r.bases))
	b = append(b, r.list[:]...)
	b = binary.AppendUvarint(b, uint64(len(r.changes)))
	for _, c := range r.changes {
		before, err := c.Old.ID()
		if err != nil {
			return nil, fmt.Errorf("change %q: %w", c.Name, err)
		}
		after, err := c.New.ID()
		if err != nil {
			return nil, fmt.Errorf("change %q: %w", c.Name, err)
		}
		b = codec.AppendString(b, c.Name.String())
		b = append(b, before[:]...)
		b = append(b, after[:]...)
	}
	b = appendExtensions(b, extension{extPayload, r.payload}, extension{extProof, r.proof})
	if len(b) > MaxRequest || len(r.proof) > maxProof || len(r.payload) > maxPayload || len(r.engagement) > maxEngagement || len(r.changes) > maxChanges || len(r.want) > maxPatterns {
		return nil, fmt.Errorf("%w: request of %d bytes, %d names", ErrTooLarge, len(b), len(r.changes)+len(r.want))
	}
	return b, nil
}

// clip shortens a text that need only be the same every time.
func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// bases is what a receiver can be sent differences against.
type bases byte

const (
	anyBases    bases = 0 // what it has, or is sent
	listedBases bases = 1 // what it is sent as well
	noBases     bases = 2 // nothing: each frame stands alone
)

// plain is what an attempt asks for after one in which too much was taken for
// granted.
func plain(again bool) bases {
	if again {
		return listedBases
	}
	return anyBases
}

// decodeRequest reads a request. When the versions don't meet, it is
// ErrVersion, and nothing behind them has been looked at.
func decodeRequest(b []byte) (*request, error) {
	if len(b) > MaxRequest {
		return nil, fmt.Errorf("%w: request of %d bytes", ErrProtocol, len(b))
	}
	if len(b) < len(magic)+2 || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: not a request", ErrProtocol)
	}
	d := newDecoder(b[len(magic):])
	r := &request{min: d.Byte(), max: d.Byte()}
	if r.min > maxVersion || r.max < minVersion || r.min > r.max {
		return nil, fmt.Errorf("%w: it speaks %d to %d, this side %d to %d", ErrVersion, r.min, r.max, minVersion, maxVersion)
	}
	r.features = d.Uvarint()
	r.verb = verb(d.Byte())
	if d.Err() == nil && (r.verb < verbTips || r.verb > lastVerb) {
		// What follows the verb need not be what this version has there.
		return nil, fmt.Errorf("%w: verb %d", ErrUnsupported, r.verb)
	}
	r.engagement = d.Text(maxEngagement)
	r.id = d.ID()
	r.sender = d.Text(maxSender)
	for range d.Count(1, maxPatterns) {
		r.want = append(r.want, d.Text(maxPattern))
	}
	r.haves = d.ids(maxHaves)
	r.budget = d.Uvarint()
	if r.bases = bases(d.Byte()); r.bases > noBases {
		d.Fail("unknown kind of differences %d", r.bases)
	}
	r.list = d.ID()
	for range d.Count(1+2*objects.IDSize, maxChanges) {
		c := refs.Change{Name: d.name(), Old: refs.IDValue(d.ID()), New: refs.IDValue(d.ID())}
		if d.Err() == nil && (c.Old == c.New || !Shared(c.Name)) {
			d.Fail("%q cannot be pushed so", c.Name)
		}
		same := func(o refs.Change) bool { return o.Name == c.Name }
		if slices.ContainsFunc(r.changes, same) {
			d.Fail("%q is changed twice", c.Name)
		}
		r.changes = append(r.changes, c)
	}
	r.statement = b[:len(b)-len(d.Rest())]
	d.extensions(map[uint64]*[]byte{extPayload: &r.payload, extProof: &r.proof}, MaxRequest)
	if len(r.payload) > maxPayload || len(r.proof) > maxProof {
		d.Fail("payload of %d bytes, proof of %d", len(r.payload), len(r.proof))
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return r, nil
}

// Level is what a peer lets this user do.
type Level byte

// The levels. Their numbers are part of the protocol.
const (
	LevelRead Level = 1
	LevelFull Level = 2
)

// String names the level for messages.
func (l Level) String() string {
	switch l {
	case LevelRead:
		return "read-only"
	case LevelFull:
		return "full"
	}
	return fmt.Sprintf("level %d", byte(l))
}
