package merge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/esync/esync/merge"
	"pgregory.net/rapid"
)

func text(words string) []byte {
	if words == "" {
		return nil
	}
	return []byte(strings.ReplaceAll(words, " ", "\n") + "\n")
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"same", "a b", "a b", "a b", "a b"},
		{"ours", "a b", "a x", "a b", "a x"},
		{"both alike", "a b c", "a x c", "a x c", "a x c"},
		{"apart", "a b c d e", "x b c d e", "a b c d y", "x b c d y"},
		{"one line between", "a b c", "x b c", "a b y", "x b y"},
		{"touching", "a b c d", "a x c d", "a b y d", "CONFLICT"},
		{"same line", "a b c", "a x c", "a y c", "CONFLICT"},
		{"insert and change", "a b c", "a n b c", "a y c", "CONFLICT"},
		{"insert and far change", "a b c d", "n a b c d", "a b y d", "n a b y d"},
		{"both append", "a", "a x", "a y", "CONFLICT"},
		{"both append alike", "a", "a x", "a x", "a x"},
		{"delete and keep", "a b c d e", "a c d e", "a b c d", "a c d"},
		{"delete and change", "a b c", "a c", "a x c", "CONFLICT"},
		{"alike and apart", "a b c d e", "x b c d e", "x b c d y", "x b c d y"},
		{"empty base", "", "a", "b", "CONFLICT"},
		{"emptied", "a b c", "", "a x c", "CONFLICT"},
		{"repeated lines", "a a a a", "a a a a b", "c a a a a", "c a a a a b"},
	} {
		for _, swap := range []bool{false, true} {
			ours, theirs := text(c.ours), text(c.theirs)
			if swap {
				ours, theirs = theirs, ours
			}
			got, ok := merge.Text(text(c.base), ours, theirs)
			want := text(c.want)
			if c.want == "CONFLICT" {
				if ok {
					t.Errorf("%s: merged to %q", c.name, got)
				}
				continue
			}
			if !ok || !bytes.Equal(got, want) {
				t.Errorf("%s: %q %v, want %q", c.name, got, ok, want)
			}
		}
	}
}

// wide is a text in UTF-16 with its mark.
func wide(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestTextKeepsEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"windows", "a\r\nb\r\nc\r\n", "x\r\nb\r\nc\r\n", "a\r\nb\r\ny\r\n", "x\r\nb\r\ny\r\n"},
		{"no newline", "a\nb\nc", "x\nb\nc", "a\nb\nc", "x\nb\nc"},
		{"newline added", "a\nb\nc", "x\nb\nc", "a\nb\nc\n", "x\nb\nc\n"},
		{"only ends changed", "a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nx\nc\n", "a\r\nx\r\nc\r\n"},
		{"ends back", "a\r\nb\r\nc\r\n", "a\nb\nc\n", "a\r\nb\r\nc\r\nd\r\n", "a\nb\nc\nd\n"},
		{"ends and an edit", "a\nb\nc\n", "a\r\nb\r\ny\r\n", "x\nb\nc\n", "x\r\nb\r\ny\r\n"},
		{"mark added", "a\nb\nc\n", "\xef\xbb\xbfa\nb\nc\n", "x\nb\nc\n", "\xef\xbb\xbfx\nb\nc\n"},
		{"wide", wide("a\nb\nc\n"), wide("x\nb\nc\n"), wide("a\nb\n\U0001F600\n"), wide("x\nb\n\U0001F600\n")},
		{"made wide", "\xef\xbb\xbfa\nb\nc\n", wide("a\nb\nc\n"), "\xef\xbb\xbfa\nb\n\u00fc\n", wide("a\nb\n\u00fc\n")},
	} {
		for range 2 {
			got, ok := merge.Text([]byte(c.base), []byte(c.ours), []byte(c.theirs))
			if !ok || string(got) != c.want {
				t.Errorf("%s: %q %v, want %q", c.name, got, ok, c.want)
			}
			c.ours, c.theirs = c.theirs, c.ours
		}
	}
}

func TestIsText(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]bool{
		"": true, "hello\r\n": true, "Jahresabschluß": true, "Jahresabschlu\xdf 2026 der Muster AG": true,
		"a\x00b": false, "%PDF-1.7\n": false, `{\rtf1`: false, "PK\x03\x04abc": false, "\x01\xff": false, "\xff\xfe\xfd": false,
		"\xff\xfea\x00\n\x00": true, "\xfe\xff\x00a": true, "\xff\xfe\x00\xd8a\x00": false, "\xff\xfe\x00\x00a\x00\x00\x00": true,
	} {
		if got := merge.IsText([]byte(content)); got != want {
			t.Errorf("%q: %v", content, got)
		}
	}
}

// words draws a text of few different lines, so that they repeat.
func words(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for range n {
		fmt.Fprintf(&b, "%c\n", 'a'+r.IntN(12))
	}
	return b.Bytes()
}

func edit(r *rand.Rand, text []byte, edits int) []byte {
	l := bytes.SplitAfter(text, []byte("\n"))
	l = l[:len(l)-1]
	for range edits {
		i := 0
		if len(l) > 0 {
			i = r.IntN(len(l))
		}
		switch {
		case len(l) == 0 || r.IntN(3) == 0:
			l = append(l[:i:i], append([][]byte{words(r, 1)}, l[i:]...)...)
		case r.IntN(2) == 0:
			l = append(l[:i:i], l[i+1:]...)
		default:
			l = append(l[:i:i], append([][]byte{words(r, 1)}, l[i+1:]...)...)
		}
	}
	return bytes.Join(l, nil)
}

// TestTextLaws: swapping the sides gives the same result; what one side did
// alone comes out.
func TestTextLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		base := words(r, r.IntN(30))
		ours, theirs := edit(r, base, r.IntN(5)), edit(r, base, r.IntN(5))
		a, okA := merge.Text(base, ours, theirs)
		b, okB := merge.Text(base, theirs, ours)
		if okA != okB || !bytes.Equal(a, b) {
			t.Fatalf("swapped: %q %v, %q %v", a, okA, b, okB)
		}
		if got, ok := merge.Text(base, ours, base); !ok || !bytes.Equal(got, ours) {
			t.Fatalf("one side: %q", got)
		}
		if okA {
			if again, ok := merge.Text(theirs, a, theirs); !ok || !bytes.Equal(again, a) {
				t.Fatalf("again: %q", again)
			}
		}
	})
}

// TestUnifiedApplies: a patch program makes the new text out of the old one.
func TestUnifiedApplies(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 2))
		old := words(r, r.IntN(40))
		new := edit(r, old, r.IntN(12))
		if seed%3 == 0 && len(new) > 0 {
			new = new[:len(new)-1]
		}
		if got := patch(t, old, merge.Unified(old, new, int(seed%4))); !bytes.Equal(got, new) {
			t.Fatalf("seed %d: %q to %q gives %q\n%s", seed, old, new, got, merge.Unified(old, new, 3))
		}
	}
	want := "@@ -1,3 +1,4 @@\n a\n-b\n+x\n c\n+d\n\\ No newline at end of file\n"
	if got := merge.Unified([]byte("a\nb\nc\n"), []byte("a\nx\nc\nd"), 3); string(got) != want {
		t.Errorf("unified:\n%s", got)
	}
}

// patch is a strict reader of unified diffs.
func patch(t *testing.T, old, diff []byte) []byte {
	t.Helper()
	in := bytes.SplitAfter(old, []byte("\n"))
	var out []byte
	at := 0
	last := byte(' ')
	for line := range bytes.SplitAfterSeq(diff, []byte("\n")) {
		switch {
		case len(line) == 0:
		case line[0] == '@':
			var lo, n int
			if k, _ := fmt.Sscanf(string(line), "@@ -%d,%d", &lo, &n); k == 1 {
				n = 1
			}
			if n > 0 {
				lo--
			}
			out = append(out, bytes.Join(in[at:lo], nil)...)
			at = lo
		case line[0] == '\\' && last == '+':
			out = bytes.TrimSuffix(out, []byte("\n"))
		case line[0] == '\\':
		case line[0] == '+':
			out = append(out, line[1:]...)
		default:
			if !bytes.Equal(bytes.TrimSuffix(in[at], []byte("\n")), bytes.TrimSuffix(line[1:], []byte("\n"))) {
				t.Fatalf("patch expects %q, there is %q", line, in[at])
			}
			if line[0] == ' ' {
				out = append(out, in[at]...)
			}
			at++
		}
		if len(line) > 0 {
			last = line[0]
		}
	}
	return append(out, bytes.Join(in[at:], nil)...)
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\nb\nc\n"), []byte("x\nb\nc\n"), []byte("a\nb\ny"))
	f.Add([]byte("a\r\nb\r\n"), []byte("a\nb\n"), []byte("a\r\nb\r\nc\r\n"))
	f.Add([]byte("0"), []byte("\xff\xfe"), []byte("0"))
	f.Fuzz(func(t *testing.T, base, ours, theirs []byte) {
		a, okA := merge.Text(base, ours, theirs)
		b, okB := merge.Text(base, theirs, ours)
		if okA != okB || !bytes.Equal(a, b) {
			t.Errorf("swapped: %q %v, %q %v", a, okA, b, okB)
		}
		// Of a wide encoding the differences are those of its text.
		if widelyMarked(base) || widelyMarked(ours) {
			return
		}
		if got := patch(t, base, merge.Unified(base, ours, 2)); !bytes.Equal(got, ours) {
			t.Errorf("unified gives %q", got)
		}
	})
}

// widelyMarked tells whether a text begins with the mark of UTF-16 or UTF-32.
func widelyMarked(text []byte) bool {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff", "\x00\x00\xfe\xff"} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return true
		}
	}
	return false
}
