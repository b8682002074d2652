package align_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/esync/esync/merge/align"
)

// draw makes a sequence and two edited ones out of bytes.
func draw(r *rand.Rand) [3][]int32 {
	base := make([]int32, r.IntN(40))
	for i := range base {
		base[i] = int32(r.IntN(12))
	}
	edit := func() []int32 {
		l := slices.Clone(base)
		for range r.IntN(4) {
			at := r.IntN(len(l) + 1)
			n := min(r.IntN(4), len(l)-at)
			with := make([]int32, r.IntN(3))
			for i := range with {
				with[i] = int32(r.IntN(12))
			}
			l = slices.Replace(l, at, at+n, with...)
		}
		return l
	}
	return [3][]int32{base, edit(), edit()}
}

// check holds the laws of a comparison and of a merge.
func check(t *testing.T, base, ours, theirs []int32) {
	t.Helper()
	var again []int32
	at := 0
	for i, h := range align.Diff(base, ours) {
		if i > 0 && h.ALo <= at || h.ALo == h.AHi && h.BLo == h.BHi {
			t.Fatalf("hunk %d, %+v, is empty or touches the one before", i, h)
		}
		again = append(append(again, base[at:h.ALo]...), ours[h.BLo:h.BHi]...)
		at = h.AHi
	}
	if again = append(again, base[at:]...); !slices.Equal(again, ours) {
		t.Fatalf("the hunks make %v of %v, want %v", again, base, ours)
	}
	regions, mirror := align.Merge(base, ours, theirs), align.Merge(base, theirs, ours)
	conflict := func(r align.Region) bool { return r.Take == align.Conflict }
	clean := !slices.ContainsFunc(regions, conflict)
	if clean == slices.ContainsFunc(mirror, conflict) || clean && len(regions) != len(mirror) {
		t.Fatalf("%v %v %v: %v, swapped %v", base, ours, theirs, regions, mirror)
	}
	swap := map[align.Taken]align.Taken{align.Ours: align.Theirs, align.Theirs: align.Ours, align.Conflict: align.Conflict}
	var last align.Region
	for i, r := range regions {
		m := align.Region{Take: swap[r.Take], Base: r.Base, Ours: r.Theirs, Theirs: r.Ours}
		if clean {
			m = mirror[i]
		}
		if m.Take != swap[r.Take] || m.Base != r.Base || m.Ours != r.Theirs || m.Theirs != r.Ours {
			t.Fatalf("region %+v is %+v when the sides are swapped", r, m)
		}
		if r.Base.Lo != last.Base.Hi || r.Ours.Lo != last.Ours.Hi || r.Theirs.Lo != last.Theirs.Hi {
			t.Fatalf("region %+v does not follow on %+v", r, last)
		}
		b, o, th := base[r.Base.Lo:r.Base.Hi], ours[r.Ours.Lo:r.Ours.Hi], theirs[r.Theirs.Lo:r.Theirs.Hi]
		switch {
		case r.Take == align.Equal && !slices.Equal(o, th), r.Take == align.Ours && !slices.Equal(b, th),
			r.Take == align.Theirs && !slices.Equal(b, o), r.Take == align.Conflict && slices.Equal(o, th):
			t.Fatalf("region %+v: %v %v %v", r, b, o, th)
		}
		last = r
	}
	if last.Base.Hi != len(base) || last.Ours.Hi != len(ours) || last.Theirs.Hi != len(theirs) {
		t.Fatalf("the regions end at %+v", last)
	}
}

func TestLaws(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20_000) {
		s := draw(rand.New(rand.NewPCG(seed, 1)))
		check(t, s[0], s[1], s[2])
	}
}

func FuzzMerge(f *testing.F) {
	f.Add([]byte("abcabc"), []byte("abxabc"), []byte("bcabca"))
	f.Add([]byte("aaaaaaaa"), []byte("aaabaaa"), []byte(""))
	f.Fuzz(func(t *testing.T, base, ours, theirs []byte) {
		var s [3][]int32
		for i, text := range [3][]byte{base, ours, theirs} {
			for _, c := range text {
				s[i] = append(s[i], int32(c))
			}
		}
		check(t, s[0], s[1], s[2])
	})
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		base, ours, theirs string
		want               string // a letter a region: = o t !
	}{
		{"nothing", "", "", "", ""},
		{"equal", "abc", "abc", "abc", "="},
		{"apart", "abcde", "xbcde", "abcdy", "o=t"},
		{"touching", "abcd", "axcd", "abyd", "=!="},
		{"alike", "abc", "axc", "axc", "="},
		{"alike, other bounds", "abcd", "xycd", "xyd", "=!="},
		{"conflict split", "abcdefgh", "1bcdefg2", "3bcdefg4", "!=!"},
		{"conflict joined", "", "1abc2", "3abc4", "!"},
		{"conflict not joined", "", "1abcd2", "3abcd4", "!=!"},
	} {
		var s [3][]int32
		for i, text := range []string{c.base, c.ours, c.theirs} {
			for _, r := range text {
				s[i] = append(s[i], r)
			}
		}
		got := ""
		for _, r := range align.Merge(s[0], s[1], s[2]) {
			got += string("=ot!"[r.Take])
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
