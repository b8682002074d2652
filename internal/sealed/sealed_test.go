package sealed

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

func testKey(n byte) (Key, string) {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	key := ed25519.NewKeyFromSeed(seed)
	wire := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), key.Public().(ed25519.PublicKey)...)
	return FromSeed(seed), "ssh-ed25519 " + base64.StdEncoding.EncodeToString(wire)
}

func seal(t testing.TB, content []byte, to ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := Writer(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(b []byte, key Key) ([]byte, error) {
	r, n, err := Open(bytes.NewReader(b), int64(len(b)), key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(r, 0, n))
}

func TestSeal(t *testing.T) {
	t.Parallel()
	anna, annas := testKey(1)
	ben, bens := testKey(2)
	other, _ := testKey(3)
	rnd := rand.NewChaCha8([32]byte{1})
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 300_000} {
		content := make([]byte, size)
		rnd.Read(content)
		b := seal(t, content, annas, bens)
		for _, key := range []Key{anna, ben} {
			if got, err := open(b, key); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes: got %d, %v", size, len(got), err)
			}
		}
		if _, err := open(b, other); !errors.Is(err, ErrNotForYou) {
			t.Errorf("%d bytes opened by somebody else: %v", size, err)
		}
	}
}

// TestDamage: no byte can be changed, and nothing cut off, without an error.
func TestDamage(t *testing.T) {
	t.Parallel()
	key, line := testKey(1)
	content := bytes.Repeat([]byte("paper "), 30)
	whole := seal(t, content, line)
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if got, err := open(b, key); err == nil {
			t.Errorf("byte %d changed: %q", i, got)
		} else if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotForYou) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if got, err := open(whole[:i], key); err == nil {
			t.Errorf("cut at %d: %q", i, got)
		}
	}
}

func TestWrongKeys(t *testing.T) {
	t.Parallel()
	_, line := testKey(1)
	if _, err := open(seal(t, nil, line), Key{}); !errors.Is(err, ErrKey) {
		t.Errorf("opened without a key: %v", err)
	}
	for _, pem := range []string{"", "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n", line} {
		if _, err := ParseKey([]byte(pem)); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", pem, err)
		}
	}
	for _, to := range [][]string{nil, {""}, {"ssh-rsa AAAA"}, {"age1xyz"}} {
		if _, err := Writer(io.Discard, to); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", to, err)
		}
	}
}

// FuzzOpen: whatever stands in a file, Open says yes or no.
func FuzzOpen(f *testing.F) {
	key, line := testKey(1)
	f.Add(seal(f, []byte("paper"), line))
	f.Add([]byte("age-encryption.org/v1\n-> ssh-ed25519 x y\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := open(b, key); err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotForYou) {
			t.Error(err)
		}
	})
}

// TestParseKey reads a key that ssh-keygen made.
func TestParseKey(t *testing.T) {
	t.Parallel()
	const pem = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACBZ86FayCAJqtMFEuat0Ncl5staJKzoxzUNOVxint0JsAAAAIj8R2Wy/Edl
sgAAAAtzc2gtZWQyNTUxOQAAACBZ86FayCAJqtMFEuat0Ncl5staJKzoxzUNOVxint0JsA
AAAECoft2aMnWeoJ1pP40VQ8jnSE3qe8fKl8KmB60l/9FrvlnzoVrIIAmq0wUS5q3Q1yXm
y1okrOjHNQ05XGKe3QmwAAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
`
	const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFnzoVrIIAmq0wUS5q3Q1yXmy1okrOjHNQ05XGKe3Qmw"
	key, err := ParseKey([]byte(pem))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := open(seal(t, []byte("paper"), line), key); err != nil || string(got) != "paper" {
		t.Errorf("got %q, %v", got, err)
	}
}
