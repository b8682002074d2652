package xlsx

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// run does what an axis says to a list of lines; new ones get names of their own.
func run(a axis, lines []string, mark string) []string {
	var out []string
	n := 0
	made := 0
	for i := 1; i <= len(lines)+1; i++ {
		for _, s := range a {
			if s.at == i {
				for range s.ins {
					made++
					out = append(out, mark+itoa(s.at)+"."+itoa(made))
				}
				n = max(n, s.at+s.del)
			}
		}
		if i <= len(lines) && i >= n {
			out = append(out, lines[i-1])
		}
	}
	return out
}

func anyAxis(t *rapid.T, name string) axis {
	var a axis
	at := 1
	for range rapid.IntRange(0, 4).Draw(t, name) {
		at += rapid.IntRange(1, 4).Draw(t, name+" gap")
		s := splice{at, rapid.IntRange(0, 3).Draw(t, name+" del"), rapid.IntRange(0, 2).Draw(t, name+" ins")}
		if s.del+s.ins == 0 {
			continue
		}
		a = append(a, s)
		at += s.del
	}
	return a
}

// TestAxesMeet holds that two edits end in the same lines whichever comes first.
func TestAxesMeet(t *testing.T) {
	t.Parallel()
	never := func(int) bool { return false }
	var base []string
	for i := range 20 {
		base = append(base, itoa(i+1))
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyAxis(t, "a"), anyAxis(t, "b")
		ab := run(b.after(a, false, never), run(a, base, "a"), "b")
		ba := run(a.after(b, true, never), run(b, base, "b"), "a")
		strip := func(list []string) []string {
			out := slices.Clone(list)
			for i, s := range out {
				if s[0] == 'a' || s[0] == 'b' {
					out[i] = s[:1]
				}
			}
			return out
		}
		if !slices.Equal(strip(ab), strip(ba)) {
			t.Fatalf("%v and %v: %v or %v", a, b, ab, ba)
		}
		// pos says where each line went.
		after := run(a, base, "a")
		for i, line := range base {
			at, there := a.pos(i + 1)
			if there != slices.Contains(after, line) || there && after[at-1] != line {
				t.Fatalf("%v: line %s at %d, %v in %v", a, line, at, there, after)
			}
		}
	})
}
