package lan

import (
	"crypto/ed25519"
	"encoding/binary"
	"net/netip"
	"time"
)

// The kinds of packets. An answer is an announcement that goes to one.
const (
	kindQuery        = 0x01
	kindAnnouncement = 0x02
)

const flagReadOnly = 0x01

// Places in the body, see doc.go.
const (
	atKind      = 0
	atFlags     = 1
	atPort      = 2
	atInstance  = 4
	atTime      = 12
	atKey       = 20
	atHead      = 52
	atSignature = 84
	bodySize    = 148
)

// body is what a packet says, in clear. In a query only instance, time and the address that it comes from are set, the latter
// in place of the key.
type body struct {
	Kind      byte
	ReadOnly  bool
	Port      uint16
	Instance  uint64
	Millis    uint64
	Key       [ed25519.PublicKeySize]byte
	Head      [32]byte
	Signature [ed25519.SignatureSize]byte
}

func (b body) encode() [bodySize]byte {
	var out [bodySize]byte
	out[atKind] = b.Kind
	if b.ReadOnly {
		out[atFlags] = flagReadOnly
	}
	binary.BigEndian.PutUint16(out[atPort:], b.Port)
	binary.BigEndian.PutUint64(out[atInstance:], b.Instance)
	binary.BigEndian.PutUint64(out[atTime:], b.Millis)
	copy(out[atKey:], b.Key[:])
	copy(out[atHead:], b.Head[:])
	copy(out[atSignature:], b.Signature[:])
	return out
}

// decodeBody accepts exactly what encode makes of a valid body. The signature is not checked.
func decodeBody(in [bodySize]byte) (body, error) {
	b := body{
		Kind:     in[atKind],
		ReadOnly: in[atFlags] == flagReadOnly,
		Port:     binary.BigEndian.Uint16(in[atPort:]),
		Instance: binary.BigEndian.Uint64(in[atInstance:]),
		Millis:   binary.BigEndian.Uint64(in[atTime:]),
	}
	copy(b.Key[:], in[atKey:])
	copy(b.Head[:], in[atHead:])
	copy(b.Signature[:], in[atSignature:])
	if in[atFlags]&^flagReadOnly != 0 || b.Instance == 0 {
		return body{}, errNotOurs
	}
	switch b.Kind {
	case kindQuery:
		if from := b.sender(); !from.IsValid() || b != query(b.Instance, b.Millis, from) {
			return body{}, errNotOurs
		}
	case kindAnnouncement:
		if b.Port == 0 {
			return body{}, errNotOurs
		}
	default:
		return body{}, errNotOurs
	}
	return b, nil
}

// query asks who serves, from an address of this machine.
func query(instance, millis uint64, from netip.Addr) body {
	b := body{Kind: kindQuery, Instance: instance, Millis: millis}
	as16 := from.As16()
	copy(b.Key[:], as16[:])
	return b
}

// sender is the address that a query says it comes from; not valid when there is none.
func (b body) sender() netip.Addr {
	from := netip.AddrFrom16([16]byte(b.Key[:16])).Unmap()
	if from.IsUnspecified() {
		return netip.Addr{}
	}
	return from
}

func (b body) time() time.Time { return time.UnixMilli(int64(b.Millis)) }

// signed is the text that the device key signs: the purpose, the engagement, and all of the body before the signature.
func (b body) signed(engagement [32]byte) []byte {
	encoded := b.encode()
	message := append([]byte("esync lan 1 announcement\x00"), engagement[:]...)
	return append(message, encoded[:atSignature]...)
}

// genuine reports whether an announcement is signed by the key that it names.
func (b body) genuine(engagement [32]byte) bool {
	return b.Kind == kindAnnouncement && ed25519.Verify(b.Key[:], b.signed(engagement), b.Signature[:])
}
