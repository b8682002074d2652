package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/esync/esync/objects"
)

func makeDelta(base, target []byte) []byte {
	var t seedTable
	t.index(base)
	ops, lits := t.diff(target, nil, nil)
	return append(append(binary.AppendUvarint(nil, uint64(len(ops))), ops...), lits...)
}

// TestDeltaLaw: patching the base with the difference makes the target, for
// any two texts, and the difference of near ones is short.
func TestDeltaLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SliceOfN(rapid.ByteRange('a', 'd'), 0, 3000).Draw(t, "base")
		target := bytes.Clone(base)
		edits := rapid.IntRange(0, 10).Draw(t, "edits")
		for range edits {
			at := rapid.IntRange(0, len(target)).Draw(t, "at")
			end := rapid.IntRange(at, len(target)).Draw(t, "end")
			insert := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "insert")
			target = append(append(append([]byte{}, target[:at]...), insert...), target[end:]...)
		}
		body := makeDelta(base, target)
		if int64(len(body)) > maxBody(int64(len(target))) {
			t.Fatalf("body of %d bytes for %d", len(body), len(target))
		}
		if limit := 200 + 100*edits; len(body) > limit && len(target) < len(base) {
			t.Logf("body of %d bytes after %d edits", len(body), edits)
		}
		got := make([]byte, len(target))
		if err := patch(got, base, body); err != nil || !bytes.Equal(got, target) {
			t.Fatalf("%q, %v, want %q", got, err, target)
		}
	})
}

func TestDeltaIsShort(t *testing.T) {
	t.Parallel()
	base := make([]byte, 3<<20)
	rand.NewChaCha8([32]byte{}).Read(base)
	moved := append(append(append([]byte{}, base[1<<20:]...), "ten bytes!"...), base[:1<<20]...)
	if n := len(makeDelta(base, moved)); n > 40 {
		t.Errorf("two blocks that changed places take %d bytes", n)
	}
	for i := 0; i < len(moved); i += 10_000 {
		moved[i]++
	}
	if n := len(makeDelta(base, moved)); n > 315*10 {
		t.Errorf("315 changed bytes take %d bytes", n)
	}
}

// FuzzPatch: no body makes patch write outside the target or read outside the
// base, and what it accepts fills the target.
func FuzzPatch(f *testing.F) {
	base := []byte("the quick brown fox jumps over the lazy dog, and then it sleeps")
	f.Add(base, makeDelta(base, base), uint16(len(base)))
	f.Add(base, makeDelta(base, base[10:]), uint16(len(base)-10))
	f.Add(base, []byte{3, 0, 0xff, 1, 1}, uint16(5))
	f.Add([]byte{}, []byte{0, 'a'}, uint16(1))
	f.Fuzz(func(t *testing.T, base, body []byte, n uint16) {
		memory := make([]byte, int(n)+8)
		copy(memory[n:], "sentinel")
		if err := patch(memory[:n:n], base, body); err != nil && !errors.Is(err, ErrFrame) {
			t.Fatal(err)
		}
		if string(memory[n:]) != "sentinel" {
			t.Fatal("wrote past the end")
		}
	})
}

// TestBombs: frames that claim little and hold much are refused without the
// memory for it.
func TestBombs(t *testing.T) {
	t.Parallel()
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	big, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	zeros := big.EncodeAll(make([]byte, 64<<20), nil)
	// The same again and again makes gigabytes out of kilobytes.
	bomb := bytes.Repeat(zeros, 16)
	for name, f := range map[string]frame{
		"zstd":  {FrameInfo: FrameInfo{ID: objects.ID{1}, Kind: objects.KindBlob, Form: FormZstd}, plain: 200_000, payload: zeros},
		"many":  {FrameInfo: FrameInfo{ID: objects.ID{1}, Kind: objects.KindBlob, Form: FormZstd}, plain: 200_000, payload: bomb},
		"short": {FrameInfo: FrameInfo{ID: objects.ID{1}, Kind: objects.KindBlob, Form: FormZstd}, plain: 200_000, payload: big.EncodeAll(make([]byte, 100), nil)},
	} {
		dst := make([]byte, 0, 262144)
		if _, err := c.expand(dst, &f); !errors.Is(err, ErrFrame) {
			t.Errorf("%s: %v", name, err)
		}
		f.Form = FormDelta
		if _, err := c.apply(dst, &f, []byte("base")); !errors.Is(err, ErrFrame) {
			t.Errorf("%s as delta: %v", name, err)
		}
	}
}
