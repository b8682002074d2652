package merge_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.tree("a=1 b=1 c@1=1 d/x=1 d/y=1 e/x=1 f=1 g/x=1 h/ k/x=1")
	b := w.tree("a=2 b*=1 c@2=1 d/x=1 d/z=1 f/x=1 g=1 i/ k/x=1")
	var got []string
	for c, err := range merge.Changes(w, a, b) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s", c.Kind, c.Path))
		if (c.Old == nil) != (c.Kind == merge.Added) || (c.New == nil) != (c.Kind == merge.Deleted) {
			t.Errorf("%+v", c)
		}
	}
	want := []string{"modified a", "mode changed b", "deleted d/y", "added d/z", "deleted e/x", "deleted f", "added f/x", "deleted g/x", "added g", "deleted h", "added i"}
	if !slices.Equal(got, want) {
		t.Errorf("changes %q\nwant    %q", got, want)
	}
	for range merge.Changes(w, a, a) {
		t.Error("a tree differs from itself")
	}
	for c := range merge.Changes(w, objects.ID{}, b) {
		if c.Kind != merge.Added {
			t.Errorf("%+v", c)
		}
		break
	}
}

func TestRenames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want, rest string }{
		{"a=1 x=2", "b=1 x=2", "[a>b]", "[]"},
		{"a=1", "b=2", "[]", "[a b]"},
		{"d/a=1 d/b=2 x=1", "e/a=1 e/b=2 x=1", "[d/>e/]", "[]"},
		{"d/s/a=1 d/b=2", "e/s/a=1 e/b=2", "[d/>e/]", "[]"},
		{"d/a=1 d/b=2", "e/a=1 d/b=2", "[d/a>e/a]", "[]"},
		{"d/a=1 e/b=2", "e/a=1 e/b=2", "[d/a>e/a]", "[]"},
		{"d/a=1 d/b=2", "e/a=1 e/b=3", "[d/a>e/a]", "[d/b e/b]"},
		{"p/d/a=1 p/x=9", "q/d/a=1 p/x=9", "[p/d/>q/d/]", "[]"},
		{"d/a=1 d/b=2", "e/a=1 f/b=2", "[d/a>e/a d/b>f/b]", "[]"},
		{"a= x=1", "b= x=1", "[]", "[a b]"},
		{"a=1", "b=1 c=1", "[a>b]", "[c]"},
		{"d/a=1,2,3,4,5,6,7,8, x=1", "e/b=1,2,3,4,5,6,7,9, x=1", "[d/a>e/b]", "[]"},
		{"d/a=1,2,3,4,5,6,7,8, d/b=1 x=1", "e/a=1,2,3,4,5,6,7,9, e/b=1 x=1", "[d/a>e/a d/b>e/b]", "[]"},
		{"d/a=1,2,3,4,5,6,7,8, x=1", "e/b=1,2,3,9,9,9,9,9, x=1", "[]", "[d/a e/b]"},
		{"2023/a=1 2023/b=1", "2024/a=1 2024/b=1", "[2023/>2024/]", "[]"},
	} {
		w := newWorld(t)
		list, rest, err := merge.Renames(w, w.tree(c.a), w.tree(c.b))
		if err != nil {
			t.Fatal(err)
		}
		got, left := []string{}, []string{}
		for _, r := range list {
			s := r.From + ">" + r.To
			if r.Folder {
				s = r.From + "/>" + r.To + "/"
			}
			if r.Entry == nil || r.Entry.Mode.IsFolder() != r.Folder {
				t.Errorf("entry of %s: %+v", s, r.Entry)
			}
			got = append(got, s)
		}
		for _, r := range rest {
			left = append(left, r.Path)
		}
		if fmt.Sprint(got) != c.want || fmt.Sprint(left) != c.rest {
			t.Errorf("%s to %s: %v %v, want %s %s", c.a, c.b, got, left, c.want, c.rest)
		}
	}
}
