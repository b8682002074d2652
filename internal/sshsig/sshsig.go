package sshsig

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/hiddeco/sshsig"
	gossh "golang.org/x/crypto/ssh"
)

// ErrSignature: what should be a signature is none, or not one of that message for that purpose.
var ErrSignature = errors.New("signature is not valid")

// MaxSignature is the length of the longest signature that is looked at: an RSA key of 8192 bits fits, one that takes
// seconds to check does not.
const MaxSignature = 4 << 10

// Signer signs with one key. It may be used from many goroutines.
type Signer interface {
	// Public is the key's line, "ssh-ed25519 BASE64", without a comment.
	Public() string
	// Sign signs a message for one purpose, the namespace, which is not empty. What comes back is the signature's bytes, not
	// armored.
	Sign(namespace string, message []byte) ([]byte, error)
}

// New makes a Signer of an SSH key, which may be one that an agent holds.
func New(key gossh.Signer) Signer { return signer{key, publicLine(key.PublicKey())} }

// FromSeed makes a Signer of the 32 bytes that an ed25519 key is derived from. It panics on another length.
func FromSeed(seed []byte) Signer {
	key, err := gossh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		panic("sshsig: " + err.Error()) // of an ed25519 key it makes one always
	}
	return New(key)
}

type signer struct {
	key  gossh.Signer
	line string
}

func (s signer) Public() string { return s.line }

func (s signer) Sign(namespace string, message []byte) ([]byte, error) {
	sig, err := sshsig.Sign(bytes.NewReader(message), s.key, sshsig.HashSHA512, namespace)
	if err != nil {
		return nil, fmt.Errorf("sign for %q: %w", namespace, err)
	}
	return sig.Marshal(), nil
}

func publicLine(key gossh.PublicKey) string {
	return strings.TrimSuffix(string(gossh.MarshalAuthorizedKey(key)), "\n")
}

// Verify tells by which key a message was signed for that purpose, as its line without a comment. Whether that key may is
// for the caller to judge. The error is ErrSignature.
func Verify(namespace string, message, signature []byte) (public string, err error) {
	sig, err := parse(signature)
	if err != nil {
		return "", err
	}
	if err := sshsig.Verify(bytes.NewReader(message), sig, sig.PublicKey, sshsig.HashSHA512, namespace); err != nil {
		return "", fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return publicLine(sig.PublicKey), nil
}

// parse reads a signature and holds it to its one form.
func parse(signature []byte) (*sshsig.Signature, error) {
	if len(signature) > MaxSignature {
		return nil, fmt.Errorf("%w: %d bytes", ErrSignature, len(signature))
	}
	sig, err := sshsig.ParseSignature(signature)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if sig.HashAlgorithm != sshsig.HashSHA512 {
		return nil, fmt.Errorf("%w: hash %q", ErrSignature, sig.HashAlgorithm)
	}
	if sig.PublicKey.Type() == gossh.KeyAlgoED25519 && (sig.Signature.Format != gossh.KeyAlgoED25519 || len(sig.Signature.Rest) > 0) {
		return nil, fmt.Errorf("%w: it does not fit its key", ErrSignature)
	}
	if !bytes.Equal(sig.Marshal(), signature) {
		return nil, fmt.Errorf("%w: written in another form", ErrSignature)
	}
	return sig, nil
}

// Armor wraps a signature as text, the form that ssh-keygen reads and writes.
func Armor(signature []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: sshsig.PEMType, Bytes: signature})
}

// Unarmor is the inverse of Armor. It looks at the form only: Verify judges the signature.
func Unarmor(text []byte) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != sshsig.PEMType || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("%w: not an armored signature", ErrSignature)
	}
	return block.Bytes, nil
}
