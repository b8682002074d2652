package refs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/esync/esync/refs"
)

func TestParseName(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"heads/main", "heads/2026/year-end", "heads/Jahresabschluß", "tags/x", "remotes/anna/main", "remotes/anna/a/b",
		"work/base", "work/line", "config/parent", "config/remote/anna", "meta/engagement", "heads/a@b", "heads/con",
	} {
		if n, err := refs.ParseName(good); err != nil || n.String() != good {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "main", "heads", "heads/", "/heads/a", "heads//a", "remotes/anna", "other/a", "heads/.a", "heads/..", "heads/a..b",
		"heads/a.", "heads/a/", "heads/a.lock", "heads/a.LOCK/b", "heads/a b", "heads/a~1", "heads/a^", "heads/a:b", "heads/a?",
		"heads/a*", "heads/[a", `heads/a\b`, "heads/a\x00", "heads/a\x7f", "heads/\xff", "heads/a@{1}", "heads/@", "heads/-x",
		"heads/" + strings.Repeat("a", refs.MaxName),
	} {
		if _, err := refs.ParseName(bad); !errors.Is(err, refs.ErrBadName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	n := refs.MustName("remotes/anna/main")
	for prefix, want := range map[string]string{"remotes": "anna/main", "remotes/anna": "main", "remotes/an": "", "heads": "", "remotes/anna/main": ""} {
		if got, ok := n.Under(prefix); got != want || ok != (want != "") {
			t.Errorf("under %q: %q %v", prefix, got, ok)
		}
	}
}
