package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden file shows what a terminal gets for every byte, and for every rune that reorders or hides text.
func TestSafeGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for c := range 256 {
		fmt.Fprintf(&b, "byte %02x: %s\n", c, safe("a"+string([]byte{byte(c)})+"b"))
	}
	for r := rune(0x80); r <= 0xa0; r++ {
		fmt.Fprintf(&b, "U+%04X: %s\n", r, safe("a"+string(r)+"b"))
	}
	for r := rune(0x2028); r <= 0x2069; r++ {
		fmt.Fprintf(&b, "U+%04X: %s\n", r, safe("a"+string(r)+"b"))
	}
	for _, r := range []rune{0xad, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0xfeff, 0xe0041, 0x1f600, 'ä', '文'} {
		fmt.Fprintf(&b, "U+%04X: %s\n", r, safe("a"+string(r)+"b"))
	}
	path := filepath.Join("testdata", "golden", "safe.txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("output is not that of %s; see the difference with -update", path)
	}
}

// Whatever goes in, what comes out is one line that a terminal shows and does not obey.
func FuzzSafe(f *testing.F) {
	for _, seed := range []string{"", "plain.xlsx", "a\x1b[31mb", "\u202exslx", "\xff\xfe", "tab\tend\r\n", "\U000e0041"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := safe(text)
		if !utf8.ValidString(out) || strings.IndexFunc(out, hidden) >= 0 {
			t.Fatalf("safe(%q) = %q", text, out)
		}
		if safe(out) != out {
			t.Fatalf("safe of %q is not final", out)
		}
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		line := safeJSON(encoded)
		var back, plainly string
		if err := json.Unmarshal(line, &back); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := json.Unmarshal(encoded, &plainly); err != nil {
			t.Fatal(err)
		}
		if back != plainly || strings.IndexFunc(string(line), hidden) >= 0 {
			t.Fatalf("%q became %s", text, line)
		}
	})
}

func TestSafeLines(t *testing.T) {
	t.Parallel()
	if got, want := safeLines("one\ttwo\r\nthree\x1b[0m\u202e"), "one\ttwo\nthree\\x1b[0m\\u202e"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every argument of an output method is made safe, whatever its type.
func TestOutputIsSafe(t *testing.T) {
	t.Parallel()
	var out, warnings strings.Builder
	o := &output{out: bufio.NewWriter(&out), err: &warnings, color: true}
	bad := "x\x1b[2J\u202e\n"
	o.line("%s %s %s %s", bad, fmt.Errorf("e %s", bad), []string{bad}, o.paint(colorAdded, bad))
	o.warn("%q", bad)
	for _, text := range []string{out.String(), warnings.String()} {
		text = strings.NewReplacer("\x1b[32m", "", "\x1b[0m", "").Replace(text)
		if strings.IndexFunc(strings.TrimSuffix(text, "\n"), hidden) >= 0 {
			t.Errorf("unsafe: %q", text)
		}
	}
}
