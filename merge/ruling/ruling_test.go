package ruling_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/esync/esync/merge/ruling"
)

func TestBook(t *testing.T) {
	t.Parallel()
	b := ruling.Book{Choose: map[string]ruling.Side{"row 1": ruling.Theirs, "row 2 (2)": ruling.Ours}}
	for _, c := range []struct {
		where string
		want  ruling.Side
	}{{"row 1", ruling.Theirs}, {"row 2", 0}, {"row 2", ruling.Ours}, {"row 2", 0}} {
		if got := b.Decide(ruling.Place{Where: c.where}); got != c.want {
			t.Errorf("%s: %d, want %d", c.where, got, c.want)
		}
	}
	if len(b.Conflicts) != 2 || b.Conflicts[0].Where != "row 2" || b.Conflicts[1].Where == "row 2" {
		t.Errorf("%+v", b.Conflicts)
	}
	b.Take(ruling.Ours, ruling.Place{Where: "a"})
	b.Take(ruling.Theirs, ruling.Place{Where: "b"})
	if len(b.FromOurs) != 1 || len(b.FromTheirs) != 1 || b.FromTheirs[0].Where != "b" {
		t.Errorf("%+v", b)
	}
	for range ruling.MaxPlaces + 5 {
		b.Take(ruling.Ours, ruling.Place{})
	}
	if len(b.FromOurs) != ruling.MaxPlaces {
		t.Errorf("%d places are listed", len(b.FromOurs))
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	if got := ruling.Cut("short"); got != "short" {
		t.Error(got)
	}
	long := ruling.Cut(strings.Repeat("ü", 200))
	if !utf8.ValidString(long) || len(long) > ruling.MaxShown+len("…") || !strings.HasSuffix(long, "…") {
		t.Error(long)
	}
}
