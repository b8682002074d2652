package lan

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

const (
	magic      = "ESL\x01"
	tagSize    = 8
	nonceSize  = 12
	headSize   = len(magic) + tagSize + nonceSize
	packetSize = headSize + bodySize + 16
)

type tag [tagSize]byte

// packet is one whole datagram.
type packet [packetSize]byte

// secret is what a discovery key gives its holders.
type secret struct {
	tagKey     []byte
	seal       cipher.AEAD
	engagement [32]byte
}

func newSecret(discovery [32]byte) (*secret, error) {
	var keys [3][]byte
	for i, purpose := range []string{"tag", "seal", "engagement"} {
		key, err := hkdf.Key(sha256.New, discovery[:], nil, "esync lan 1 "+purpose, 32)
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		keys[i] = key
	}
	block, err := aes.NewCipher(keys[1])
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return &secret{tagKey: keys[0], seal: seal, engagement: [32]byte(keys[2])}, nil
}

// tagOf returns the tag by which members know packets of the engagement on a day.
func (s *secret) tagOf(day uint64) tag {
	mac := hmac.New(sha256.New, s.tagKey)
	mac.Write(binary.BigEndian.AppendUint64(nil, day))
	return tag(mac.Sum(nil)[:tagSize])
}

// tags returns those of yesterday, today and tomorrow: clocks differ.
func (s *secret) tags(now time.Time) [3]tag {
	today := dayOf(now)
	return [3]tag{s.tagOf(today - 1), s.tagOf(today), s.tagOf(today + 1)}
}

func dayOf(t time.Time) uint64 { return uint64(t.Unix() / (24 * 60 * 60)) }

// pack seals a body under a tag. A nonce serves once.
func (s *secret) pack(b body, t tag, nonce [nonceSize]byte) packet {
	var p packet
	copy(p[:], magic)
	copy(p[len(magic):], t[:])
	copy(p[len(magic)+tagSize:], nonce[:])
	clear := b.encode()
	s.seal.Seal(p[:headSize], nonce[:], clear[:], p[:headSize])
	return p
}

// tag returns the tag of a packet; ok is false for what cannot be a packet of ours at all.
func (p *packet) tag() (t tag, ok bool) {
	return tag(p[len(magic):]), string(p[:len(magic)]) == magic
}

// open returns what a packet says. An announcement's signature has been checked.
func (s *secret) open(p *packet) (body, error) {
	if _, ok := p.tag(); !ok {
		return body{}, errNotOurs
	}
	var clear [bodySize]byte
	if _, err := s.seal.Open(clear[:0], p[len(magic)+tagSize:headSize], p[headSize:], p[:headSize]); err != nil {
		return body{}, errNotOurs
	}
	b, err := decodeBody(clear)
	if err != nil {
		return body{}, err
	}
	if b.Kind == kindAnnouncement && !b.genuine(s.engagement) {
		return body{}, errNotOurs
	}
	return b, nil
}
