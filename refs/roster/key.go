package roster

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/esync/esync/objects"
)

// Key is a public key of a device or of a host, in the form of authorized_keys without a comment: "ssh-ed25519 BASE64".
// Keys may be compared with ==; the zero Key is none. ParseKey and KeyOf are the only ways in.
type Key struct{ text string }

const keyType = "ssh-ed25519"

// keyHead is what stands before the 32 bytes of a key: two strings with their lengths, the first of them the type.
const keyHead = "\x00\x00\x00\x0b" + keyType + "\x00\x00\x00\x20"

// ParseKey reads a line of authorized_keys or of a .pub file: type, key, and a comment that is dropped.
func ParseKey(line string) (Key, error) {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != keyType {
		return Key{}, fmt.Errorf("%w: %q", ErrKey, clip(line))
	}
	b, err := base64.StdEncoding.Strict().DecodeString(words[1])
	if err != nil || len(b) != len(keyHead)+ed25519.PublicKeySize || string(b[:len(keyHead)]) != keyHead {
		return Key{}, fmt.Errorf("%w: %q", ErrKey, clip(line))
	}
	return Key{keyType + " " + words[1]}, nil
}

// KeyOf gives a key by its 32 bytes. It panics on another length.
func KeyOf(public ed25519.PublicKey) Key {
	if len(public) != ed25519.PublicKeySize {
		panic(fmt.Sprintf("roster: public key of %d bytes", len(public)))
	}
	return Key{keyType + " " + base64.StdEncoding.EncodeToString(append([]byte(keyHead), public...))}
}

// String gives the line.
func (k Key) String() string { return k.text }

// IsZero tells whether k is none.
func (k Key) IsZero() bool { return k.text == "" }

// Public gives the key's 32 bytes, nil for the zero Key.
func (k Key) Public() ed25519.PublicKey {
	if k.IsZero() {
		return nil
	}
	return k.wire()[len(keyHead):]
}

// wire is the key as SSH writes it.
func (k Key) wire() []byte {
	b, err := base64.StdEncoding.DecodeString(k.text[len(keyType)+1:])
	if err != nil {
		panic("roster: a Key that was not parsed")
	}
	return b
}

// Fingerprint gives the key's name for people, "SHA256:...", as ssh-keygen -l prints it.
func (k Key) Fingerprint() string {
	if k.IsZero() {
		return ""
	}
	sum := sha256.Sum256(k.wire())
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Tag is 16 hexadecimal digits that stand for the key in names: the first of the BLAKE3 of its line.
func (k Key) Tag() string {
	return objects.Sum(objects.KindBlob, []byte(k.text)).String()[:16]
}

// MarshalText implements encoding.TextMarshaler.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.text), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It takes exactly what MarshalText writes.
func (k *Key) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*k = Key{}
		return nil
	}
	parsed, err := ParseKey(string(b))
	if err != nil {
		return err
	}
	if parsed.text != string(b) {
		return fmt.Errorf("%w: %q has more than the key", ErrKey, clip(string(b)))
	}
	*k = parsed
	return nil
}
