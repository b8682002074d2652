package objects

import (
	"fmt"

	"github.com/zeebo/blake3"
)

// Kind tells what an object is.
type Kind uint8

// The kinds. Their numbers are part of the formats of the store and the wire.
const (
	KindBlob   Kind = 1
	KindTree   Kind = 2
	KindCommit Kind = 3
)

// The contexts of BLAKE3's derive-key mode. They never change.
const (
	treeContext   = "esync 2026-11 tree v1"
	commitContext = "esync 2026-11 commit v1"
)

// Valid tells whether k is one of the kinds.
func (k Kind) Valid() bool { return k >= KindBlob && k <= KindCommit }

// String names the kind for messages.
func (k Kind) String() string {
	switch k {
	case KindBlob:
		return "blob"
	case KindTree:
		return "tree"
	case KindCommit:
		return "commit"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Hasher computes the ID of an object whose content is written to it.
type Hasher struct{ h *blake3.Hasher }

// NewHasher starts an ID of the given kind.
func NewHasher(k Kind) *Hasher {
	switch k {
	case KindTree:
		return &Hasher{blake3.NewDeriveKey(treeContext)}
	case KindCommit:
		return &Hasher{blake3.NewDeriveKey(commitContext)}
	default:
		return &Hasher{blake3.New()}
	}
}

// Write adds content. It never fails.
func (h *Hasher) Write(p []byte) (int, error) { return h.h.Write(p) }

// ID names all that was written since New or Reset.
func (h *Hasher) ID() ID {
	var id ID
	h.h.Sum(id[:0])
	return id
}

// Reset starts over with the same kind.
func (h *Hasher) Reset() { h.h.Reset() }

// Sum names an object by its kind and its encoded content.
func Sum(k Kind, content []byte) ID {
	if k == KindBlob {
		return blake3.Sum256(content)
	}
	h := NewHasher(k)
	h.Write(content)
	return h.ID()
}
