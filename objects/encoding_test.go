package objects

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func sampleTree() *Tree {
	t := &Tree{Entries: []Entry{
		{Name: "Ünterlagen.pdf", Mode: ModeFile, ID: Sum(KindBlob, []byte("pdf")), Size: 3, ModTime: -1},
		{Name: "A Planning", Mode: ModeFolder, ID: Sum(KindTree, (&Tree{}).Encode()), Size: 1 << 40},
		{Name: "tie-out.xlsx", Mode: ModeFile, ID: Sum(KindBlob, []byte("xlsx")), Size: 4, ModTime: 1_780_000_000_123},
		{Name: "run.sh", Mode: ModeExecutable, ID: Sum(KindBlob, nil), Size: 0, ModTime: 1},
	}}
	t.Sort()
	return t
}

func sampleCommit() *Commit {
	return &Commit{
		Tree: Sum(KindTree, sampleTree().Encode()), Generation: 8,
		Parents: []ID{Sum(KindCommit, []byte("one")), Sum(KindCommit, []byte("two"))},
		Author:  Person{"Anna Müller", "anna@example.com"}, Device: "ANNA-LAPTOP",
		When:    time.UnixMilli(1_780_000_000_123).In(time.FixedZone("", -5*3600-30*60)),
		Message: "Tie out the trial balance\n\nSheet TB.",
		Headers: []Header{{"engagement", "x"}, {"later-invention", "kept"}}, Signature: []byte("sig"),
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"tree-v1": sampleTree().Encode(), "tree-empty-v1": (&Tree{}).Encode(), "commit-v1": sampleCommit().Encode(),
	} {
		kind := KindTree
		if strings.HasPrefix(name, "commit") {
			kind = KindCommit
		}
		got := Sum(kind, content).String() + "\n" + hex.Dump(content)
		file := filepath.Join("..", "testdata", "golden", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: encoding or id has changed:\n%s", name, got)
		}
	}
}

// TestBlobID uses the published test vectors of BLAKE3 for empty input and
// "abc", so that b3sum agrees.
func TestBlobID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
		"abc": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
	} {
		if got := Sum(KindBlob, []byte(in)).String(); got != want {
			t.Errorf("blob %q has id %s, want %s", in, got, want)
		}
	}
	if Sum(KindTree, nil) == Sum(KindBlob, nil) || Sum(KindTree, nil) == Sum(KindCommit, nil) {
		t.Error("kinds share ids")
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	tree, err := DecodeTree(sampleTree().Encode())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(tree.Encode(), sampleTree().Encode()) {
		t.Error("tree differs after decoding")
	}
	c, err := DecodeCommit(sampleCommit().Encode())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.Encode(), sampleCommit().Encode()) {
		t.Error("commit differs after decoding")
	}
	if !c.When.Equal(sampleCommit().When) || c.When.Format(time.RFC3339) != sampleCommit().When.Format(time.RFC3339) {
		t.Errorf("time became %v", c.When)
	}
	if v, ok := c.Header("later-invention"); !ok || v != "kept" {
		t.Error("unknown header is lost")
	}
}

// TestCutAndFlipped holds that no shortened, lengthened or altered encoding is
// taken for the original object.
func TestCutAndFlipped(t *testing.T) {
	t.Parallel()
	decoders := map[string]struct {
		content []byte
		decode  func([]byte) ([]byte, error)
	}{
		"tree":   {sampleTree().Encode(), recodeTree},
		"commit": {sampleCommit().Encode(), recodeCommit},
	}
	for name, d := range decoders {
		for n := range d.content {
			if _, err := d.decode(d.content[:n]); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrBadName) {
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
		if _, err := d.decode(append(d.content[:len(d.content):len(d.content)], 0)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s with a byte more: %v", name, err)
		}
		for n := range d.content {
			flipped := bytes.Clone(d.content)
			flipped[n] ^= 0x80
			if again, err := d.decode(flipped); err == nil && !bytes.Equal(again, flipped) {
				t.Errorf("%s flipped at %d decodes to something else", name, n)
			}
		}
	}
}

func recodeTree(b []byte) ([]byte, error) {
	t, err := DecodeTree(b)
	if err != nil {
		return nil, err
	}
	return t.Encode(), nil
}

func recodeCommit(b []byte) ([]byte, error) {
	c, err := DecodeCommit(b)
	if err != nil {
		return nil, err
	}
	return c.Encode(), nil
}

func FuzzTree(f *testing.F) {
	f.Add(sampleTree().Encode())
	f.Add((&Tree{}).Encode())
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	fuzzCanonical(f, recodeTree)
}

func FuzzCommit(f *testing.F) {
	f.Add(sampleCommit().Encode())
	f.Add((&Commit{Generation: 1}).Encode())
	fuzzCanonical(f, recodeCommit)
}

// fuzzCanonical holds the law of every encoding: what decodes encodes to the
// same bytes.
func fuzzCanonical(f *testing.F, recode func([]byte) ([]byte, error)) {
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := recode(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrBadName) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("%x decodes, but encodes to %x", b, again)
		}
	})
}

func FuzzParseID(f *testing.F) {
	f.Add(Sum(KindBlob, nil).String())
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && id.String() != s {
			t.Fatalf("%q parses to %s", s, id)
		}
	})
}

func BenchmarkDecodeTree(b *testing.B) {
	t := &Tree{}
	for i := range 1000 {
		name := "2026-03 bank statement " + hex.EncodeToString([]byte{byte(i >> 8), byte(i)}) + ".pdf"
		t.Entries = append(t.Entries, Entry{Name: name, Mode: ModeFile, Size: int64(i), ModTime: 1_780_000_000_123})
	}
	t.Sort()
	content := t.Encode()
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if _, err := DecodeTree(content); err != nil {
			b.Fatal(err)
		}
	}
}
