package merge_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"pgregory.net/rapid"
)

// row is one case of the three-way rule. Conflicts are written as
// "kind path base ours theirs", notes as "from>to".
type row struct {
	name, base, ours, theirs string
	want                     string
	conflicts                []string
	notes                    string
}

var table = []row{
	{name: "same", base: "a=1", ours: "a=1", theirs: "a=1", want: "a=1"},
	{name: "one side changed", base: "a=1 b=1", ours: "a=2 b=1", theirs: "a=1 b=1", want: "a=2 b=1"},
	{name: "both alike", base: "a=1 b=1", ours: "a=2 b=1", theirs: "a=2 b=3", want: "a=2 b=3"},
	{name: "both apart", base: `a=1\0`, ours: `a=2\0`, theirs: `a=3\0`, want: `a=2\0`, conflicts: []string{`changed a a=1\0 a=2\0 a=3\0`}},
	{name: "text apart", base: "a=1,2,3,", ours: "a=x,2,3,", theirs: "a=1,2,y,", want: "a=x,2,y,"},
	{name: "text in conflict", base: "a=1,2,3,", ours: "a=x,2,3,", theirs: "a=y,2,3,", want: "a=x,2,3,", conflicts: []string{"changed a a=1,2,3, a=x,2,3, a=y,2,3,"}},
	{name: "text merged to the same", base: "a=1,2,3, b=1", ours: "a=x,2,3, b=2", theirs: "a=x,2,y, b=1", want: "a=x,2,y, b=2"},
	{name: "json stays sound", base: `a={"x":1,,"z":2}`, ours: `a={"x":1,,"y":1,,"z":2}`, theirs: `a={"x":1,,"z":3}`, want: `a={"x":1,,"y":1,,"z":2}`, conflicts: []string{`changed a a={"x":1,,"z":2} a={"x":1,,"y":1,,"z":2} a={"x":1,,"z":3}`}},
	{name: "times: the later stays", base: "a@1=1", ours: "a@5=2", theirs: "a@7=2", want: "a@7=2"},
	{name: "times: a touch is no change", base: "a@1=1 b=1", ours: "a@5=1 b=1", theirs: "a@1=2 b=1", want: "a@1=2 b=1"},
	{name: "times: of merged text", base: "a@1=1,2,3,", ours: "a@5=x,2,3,", theirs: "a@7=1,2,y,", want: "a@7=x,2,y,"},
	{name: "times: touched below", base: "d/a@1=1 d/b=1", ours: "d/a@5=1 d/b=1", theirs: "d/a@7=1 d/b=2", want: "d/a@7=1 d/b=2"},
	{name: "deleted by one", base: "a=1 b=1", ours: "b=1", theirs: "a=1 b=1", want: "b=1"},
	{name: "deleted by both", base: "a=1 b=1", ours: "b=1", theirs: "b=2", want: "b=2"},
	{name: "deleted and changed", base: "a=1 b=1", ours: "b=1", theirs: "a=2 b=1", want: "b=1", conflicts: []string{"deleted a a=1 - a=2"}},
	{name: "deleted and touched", base: "a@1=1 b=1", ours: "b=1", theirs: "a@2=1 b=1", want: "b=1"},
	{name: "added by one", base: "b=1", ours: "a=1 b=1", theirs: "b=2", want: "a=1 b=2"},
	{name: "added alike", base: "b=1", ours: "a@3=1 b=1", theirs: "a@4=1 b=2", want: "a@4=1 b=2"},
	{name: "added apart", base: "b=1", ours: "a=1 b=1", theirs: "a=2 b=1", want: "a=1 b=1", conflicts: []string{"added a - a=1 a=2"}},
	{name: "added by both, empty by one", base: "b=1", ours: "a= b=1", theirs: "a@5=2 b=1", want: "a@5=2 b=1"},
	{name: "added by both, empty and executable by one", base: "b=1", ours: "a*= b=1", theirs: "a=2 b=1", want: "a*= b=1", conflicts: []string{"mode a - a*= a=2"}},
	{name: "mode by one", base: "a=1 b=1", ours: "a*=1 b=1", theirs: "a=2 b=1", want: "a*=2 b=1"},
	{name: "mode and text", base: "a=1,2,3,", ours: "a*=x,2,3,", theirs: "a=1,2,y,", want: "a*=x,2,y,"},
	{name: "mode added apart", base: "b=1", ours: "a*=1 b=1", theirs: "a=1 b=1", want: "a*=1 b=1", conflicts: []string{"mode a - a*=1 a=1"}},
	{name: "file and folder", base: "b=1", ours: "a=1 b=1", theirs: "a/x=1 b=1", want: "a=1 b=1", conflicts: []string{"folder a - a=1 a/"}},
	{name: "changed and made a folder", base: "a=1", ours: "a=2", theirs: "a/x=7", want: "a=2", conflicts: []string{"folder a a=1 a=2 a/"}},
	{name: "changed and put into a folder of its name", base: "a=1", ours: "a=2", theirs: "a/x=1", want: "a/x=2", notes: "a>a/x"},
	{name: "folder moved, a file in its place", base: "d/a=1 d/b=2 x=1", ours: "d/a=9 d/b=2 d/n=3 x=1", theirs: "d=5 e/a=1 e/b=2 x=1", want: "d=5 e/a=9 e/b=2 e/n=3 x=1", notes: "d/a>e/a d/n>e/n"},
	{name: "folder moved in part, a file in its place", base: "d/a=1 d/b=2 x=1", ours: "d/a=9 d/b=2 x=1", theirs: "d=5 e/a=1 x=1", want: "d=5 e/a=9 x=1", notes: "d/a>e/a"},
	{name: "folder moved in part, a file in its place, the rest edited", base: "d/a=1 d/b=2 x=1", ours: "d/a=9 d/b=8 x=1", theirs: "d=5 e/a=1 x=1", want: "d/b=8 e/a=9 x=1", conflicts: []string{"folder d d/ d/ d=5"}, notes: "d/a>e/a"},
	{name: "moved into a folder in place of a file that was moved", base: "c=1 e/g=2 x=1", ours: "c/g=2 d=1 x=1", theirs: "c=1 e/g=3 x=1", want: "c/g=3 d=1 x=1", notes: "e/g>c/g"},
	{name: "moved into a folder in place of a file that was edited", base: "c=1 e/g=2 x=1", ours: "c/g=2 x=1", theirs: "c=9 e/g=3 x=1", want: "c/g=2 x=1", conflicts: []string{"folder c c=1 c/ c=9", "deleted e/g e/g=2 - e/g=3"}},
	{name: "made a folder", base: "a=1 b=1", ours: "a/x=1 b=1", theirs: "a=1 b=2", want: "a/x=1 b=2"},
	{name: "deleted and made a folder", base: "a=1 b=1", ours: "b=1", theirs: "a/x=2 b=1", want: "a/x=2 b=1"},
	{name: "folder changed and made a file", base: "a/x=1", ours: "a/x=2", theirs: "a=1", want: "a/x=2", conflicts: []string{"folder a a/ a/ a=1"}},
	{name: "folder deleted and made a file", base: "a/x=1 b=1", ours: "b=1", theirs: "a=2 b=1", want: "a=2 b=1"},
	{name: "folders apart", base: "d/a=1 e/a=1", ours: "d/a=2 e/a=1", theirs: "d/a=1 e/a=2", want: "d/a=2 e/a=2"},
	{name: "folder deleted, file changed", base: "d/a=1 d/b=2", ours: "e=9", theirs: "d/a=3 d/b=2 e=9", want: "e=9", conflicts: []string{"deleted d/a d/a=1 - d/a=3"}},
	{name: "folder deleted, file added", base: "d/a=1 e=1", ours: "e=1", theirs: "d/a=1 d/n=1 e=1", want: "d/n=1 e=1"},
	{name: "folder deleted by both", base: "d/a=1 e=1", ours: "e=1", theirs: "e=2", want: "e=2"},
	{name: "empty folder kept", base: "d/ e=1", ours: "d/ e=2", theirs: "d/ e=1 f=1", want: "d/ e=2 f=1"},
	{name: "empty folder deleted", base: "d/ e=1", ours: "e=1", theirs: "d/ e=2", want: "e=2"},
	{name: "folder emptied", base: "d/a=1 e=1", ours: "d/ e=1", theirs: "d/a=1 e=2", want: "d/ e=2"},
	{name: "folder emptied and deleted", base: "d/a=1 e=1", ours: "d/ e=1", theirs: "e=1", want: "e=1"},
	{name: "empty folder added by both", base: "e=1", ours: "d/ e=1", theirs: "d/ e=2", want: "d/ e=2"},
	{name: "all deleted", base: "a=1", ours: "", theirs: "a=1", want: ""},

	{name: "renamed and edited", base: "a=1 x=1", ours: "b=1 x=1", theirs: "a=2 x=1", want: "b=2 x=1", notes: "a>b"},
	{name: "moved and edited", base: "d/a=1 x=1", ours: "e/a=1 x=1", theirs: "d/a=2 x=1", want: "e/a=2 x=1", notes: "d/a>e/a"},
	{name: "renamed by case and edited", base: "Abc=1", ours: "abc=1", theirs: "Abc=2", want: "abc=2", notes: "Abc>abc"},
	{name: "renamed alike", base: "a=1 x=1", ours: "b=1 x=1", theirs: "b=1 x=2", want: "b=1 x=2"},
	{name: "renamed apart", base: "a=1 x=1", ours: "b=1 x=1", theirs: "c=1 x=1", want: "b=1 x=1", conflicts: []string{"renamed a a=1 b=1 c=1"}},
	{name: "renamed apart, into new folders", base: "a=1 x=1", ours: "s/a=1 x=1", theirs: "q/a=1 x=1", want: "s/a=1 x=1", conflicts: []string{"renamed a a=1 s/a=1 q/a=1"}},
	{name: "renamed apart, into a folder in a file's place", base: "a=1 f=7", ours: "b=1 f=7", theirs: "f/c=1 f/n=8", want: "b=1 f/n=8", conflicts: []string{"renamed a a=1 b=1 f/c=1"}},
	{name: "renamed onto an addition", base: "a=1 x=1", ours: "b=1 x=1", theirs: "a=2 b=3 x=1", want: "b=1 x=1", conflicts: []string{"collided b - b=1 b=3; a=1 - a=2"}},
	{name: "renamed and deleted", base: "a=1 x=1", ours: "b=1 x=1", theirs: "x=1", want: "b=1 x=1", conflicts: []string{"renamed-deleted b a=1 b=1 -"}},
	{name: "renamed to its folder's name, and deleted", base: "d/a=1 x=1", ours: "d=1 x=1", theirs: "x=1", want: "d=1 x=1", conflicts: []string{"renamed-deleted d d/a=1 d=1 -"}},
	{name: "two renamed to one", base: "a=1 b=2", ours: "c=1 b=3", theirs: "a=4 c=2", want: "b=3 c=1", conflicts: []string{"collided c - c=1 c=2; a=1 - a=4; b=2 b=3 -"}},
	{name: "swapped names", base: "a=1 b=2 x=1", ours: "a=2 b=1 x=1", theirs: "a=1 b=2 x=2", want: "a=2 b=1 x=2"},
	{name: "the first copy is the renamed one", base: "a=1 x=1", ours: "b=1 c=1 x=1", theirs: "a=2 x=1", want: "b=2 c=1 x=1", notes: "a>b"},
	{name: "of copies, the renamed one is in a folder where both were at work", base: "d/a=1 d/x=1 m/x=3", ours: "b/a=1 d/x=1 m/a=1 m/x=3", theirs: "d/x=1 m/a=1 m/x=3", want: "b/a=1 d/x=1 m/a=1 m/x=3"},
	{name: "copies told apart by name", base: "p/a=1 p/b=1", ours: "q/a=1 q/b=1", theirs: "p/a=2 p/b=3", want: "q/a=2 q/b=3", notes: "p/a>q/a p/b>q/b"},
	{name: "empty files have no identity", base: "a= x=1", ours: "b= x=1", theirs: "a=2 x=1", want: "b= x=1", conflicts: []string{"deleted a a= - a=2"}},
	{name: "conflict at the new name", base: `a=1\0`, ours: `b=1\0`, theirs: `a*=1\0`, want: `b*=1\0`, notes: "a>b"},
	{name: "folder renamed, file added", base: "d/a=1 d/b=2 x=1", ours: "e/a=1 e/b=2 x=1", theirs: "d/a=1 d/b=2 d/n=3 x=1", want: "e/a=1 e/b=2 e/n=3 x=1", notes: "d/n>e/n"},
	{name: "folder renamed, folder added", base: "d/a=1 x=1", ours: "e/a=1 x=1", theirs: "d/a=1 d/n/m=3 x=1", want: "e/a=1 e/n/m=3 x=1", notes: "d/n>e/n"},
	{name: "folder renamed, added below", base: "d/s/a=1 x=1", ours: "e/s/a=1 x=1", theirs: "d/s/a=1 d/s/n=3 x=1", want: "e/s/a=1 e/s/n=3 x=1", notes: "d/s/n>e/s/n"},
	{name: "folder renamed, edited and added", base: "d/a=1 d/b=2", ours: "e/a=1 e/b=2", theirs: "d/a=9 d/b=2 d/n=3", want: "e/a=9 e/b=2 e/n=3", notes: "d/a>e/a d/n>e/n"},
	{name: "folder renamed, name taken", base: "d/a=1 d/b=2", ours: "e/a=1 e/b=2 e/n=7", theirs: "d/a=1 d/b=2 d/n=3", want: "e/a=1 e/b=2 e/n=7", conflicts: []string{"added e/n - e/n=7 d/n=3"}, notes: "d/n>e/n"},
	{name: "folder renamed, name in the way", base: "d/a=1 d/b=2 e/n=7", ours: "e/a=1 e/b=2 e/n=7", theirs: "d/a=1 d/b=2 d/n=3 e/n=7", want: "d/n=3 e/a=1 e/b=2 e/n=7", conflicts: []string{"folder-renamed d/n - e/n=3 d/n=3"}},
	{name: "folder renamed, folder added, its name taken", base: "d/a=1 d/b=2 e/n/m=7", ours: "e/a=1 e/b=2 e/n/m=7", theirs: "d/a=1 d/b=2 d/n/m=3 e/n/m=7", want: "d/n/m=3 e/a=1 e/b=2 e/n/m=7"},
	{name: "folder renamed, a file put in place of a folder", base: "d/a=1 d/b=2 d/s/c=3", ours: "e/a=1 e/b=2", theirs: "d/a=1 d/b=2 d/s=4", want: "e/a=1 e/b=2 e/s=4", notes: "d/s>e/s"},
	{name: "two folders renamed to one, a file and a folder added", base: "d/a=1 d/b=2 d/n/c=9 f/b=5", ours: "e/a=1 e/b=2 e/n/c=9 e/f=5", theirs: "d/a=1 d/b=2 d/n/c=9 d/n/m=3 f/b=5 f/n/m=4", want: "e/a=1 e/b=2 e/f=5 e/n/c=9 e/n/m=3 f/n/m=4", notes: "d/n/m>e/n/m"},
	{name: "two folders renamed to one", base: "d/a=1 f/b=2", ours: "e/a=1 e/b=2", theirs: "d/a=1 d/n=3 f/b=2 f/n=4", want: "d/n=3 e/a=1 e/b=2 f/n=4", conflicts: []string{"folder-renamed d/n - e/n=3 d/n=3", "folder-renamed f/n - e/n=4 f/n=4"}},
	{name: "folder renamed, into a new one renamed", base: "d/a=1 e/b=2", ours: "e/a=1 e/b=2", theirs: "d/a=1 d/n=3 f/b=2", want: "d/n=3 f/a=1 f/b=2", notes: "e/a>f/a"},
	{name: "folder renamed, folder inside added and removed", base: "d/a=1 d/s/b=2 x=1", ours: "e/a=1 x=1", theirs: "d/a=1 d/s/b=2 d/s/n=3 x=1", want: "d/s/n=3 e/a=1 x=1"},
	{name: "renamed and edited by both", base: "a=1,2,3,4,5,6,7,8, x=1", ours: "b=1,2,3,4,5,6,7,y, x=1", theirs: "a=z,2,3,4,5,6,7,8, x=1", want: "b=z,2,3,4,5,6,7,y, x=1", notes: "a>b"},
	{name: "renamed, and too much edited", base: "d/a=1,2,3,4, x=1", ours: "e/b=5,6,7,4, x=1", theirs: "d/a=1,2,3,9, x=1", want: "e/b=5,6,7,4, x=1", conflicts: []string{"deleted d/a d/a=1,2,3,4, - d/a=1,2,3,9,"}},
	{name: "renamed apart, both edited", base: "a=1,2,3,4,5,6,7,8, x=1", ours: "b=1,2,3,4,5,6,7,y, x=1", theirs: "c=z,2,3,4,5,6,7,8, x=1", want: "b=z,2,3,4,5,6,7,y, x=1", conflicts: []string{"renamed a a=1,2,3,4,5,6,7,8, b=z,2,3,4,5,6,7,y, c=z,2,3,4,5,6,7,y,"}},
	{name: "renamed apart, a folder in its place", base: "d=1 x=1", ours: "d/a=1 d/n=2 x=1", theirs: "b=1 d/m=3 x=1", want: "d/a=1 d/m=3 d/n=2 x=1", conflicts: []string{"renamed d d=1 d/a=1 b=1"}},
	{name: "renamed apart, and a new file goes where it was", base: "a/x=1 d/n=2 d/y=5", ours: "d/x=1 d/y=5 e/n=2", theirs: "a/n=9 a/x=1 b/n=2 d/y=5", want: "d/x=1 d/y=5 e/n=2", conflicts: []string{"deleted d/n d/n=2 - a/n=9", "renamed d/n d/n=2 e/n=2 b/n=2"}, notes: "a/n>d/n"},
	{name: "renamed onto an addition, a folder in its place", base: "d=1 x=1", ours: "d=2 e=3 x=1", theirs: "d/n=4 e=1 x=1", want: "d=2 e=3 x=1", conflicts: []string{"collided e - e=3 e=1; d=1 d=2 d/"}},
	{name: "renamed apart, to a name in use", base: "a=1 x=1", ours: "b=1 c=7 x=1", theirs: "c=1 x=1", want: "b=1 c=7 x=1", conflicts: []string{"renamed a a=1 b=1 c=1", "collided c - c=7 c=1"}},
	{name: "folder split", base: "d/a=1 d/b=2 x=1", ours: "e/a=1 f/b=2 x=1", theirs: "d/a=1 d/b=2 d/n=3 x=1", want: "d/n=3 e/a=1 f/b=2 x=1", conflicts: []string{"folder-renamed d/n - e/n=3 d/n=3"}},
	{name: "folder mostly to one place", base: "d/a=1 d/b=2 d/c=3", ours: "e/a=1 e/b=2 f/c=3", theirs: "d/a=1 d/b=2 d/c=3 d/n=4", want: "e/a=1 e/b=2 e/n=4 f/c=3", notes: "d/n>e/n"},
	{name: "renamed into a renamed folder", base: "p/a=1 q/b=2 q/c=3", ours: "q/a=1 q/b=2 q/c=3", theirs: "p/a=9 r/b=2 r/c=3", want: "r/a=9 r/b=2 r/c=3", notes: "p/a>r/a q/a>r/a"},
	{name: "names that clash", base: "x=1", ours: "Plan=1 x=1", theirs: "plan=2 x=1", want: "Plan=1 x=1", conflicts: []string{"clash Plan - Plan=1 plan=2"}},
	{name: "folders that clash", base: "x=1", ours: "Docs/a=1 x=1", theirs: "docs/b=2 x=1", want: "Docs/a=1 x=1", conflicts: []string{"clash Docs - Docs/ docs/"}},
	{name: "clash with a conflict", base: "plan=1 x=1", ours: "plan=2 x=1", theirs: "Plan=3 x=1", want: "plan=2 x=1", conflicts: []string{"clash Plan - plan=2 Plan=3", "deleted plan plan=1 plan=2 -"}},
}

// describe writes conflicts as rows do.
func (w *world) describe(list []merge.Conflict) []string {
	var out []string
	for _, c := range list {
		word := func(e *objects.Entry, at string) string {
			s := w.word(e)
			if i := strings.LastIndexByte(at, '/'); i >= 0 && e != nil {
				s = at[:i+1] + s
			}
			return s
		}
		or := func(a, b string) string {
			if a == "" {
				return b
			}
			return a
		}
		words := fmt.Sprintf("%s %s %s %s %s", c.Kind, c.Path, word(c.Base, or(c.BasePath, c.Path)),
			word(c.Ours, or(c.OursPath, c.Path)), word(c.Theirs, or(c.TheirsPath, c.Path)))
		for _, m := range c.Also {
			words += fmt.Sprintf("; %s %s %s", word(m.Base, m.Path), word(m.Ours, m.Path), word(m.Theirs, m.Path))
		}
		out = append(out, words)
	}
	return out
}

func noteWords(notes []merge.Note) string {
	var out []string
	for _, n := range notes {
		out = append(out, n.From+">"+n.To)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// mirror swaps the sides. The places inside a file are left out: what names them
// is not the same from both sides.
func mirror(list []merge.Conflict, swap bool) []merge.Conflict {
	var out []merge.Conflict
	for _, c := range list {
		if swap {
			c = c.Mirror()
		}
		c.Places = nil
		out = append(out, c)
	}
	return out
}

func TestTable(t *testing.T) {
	t.Parallel()
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base, ours, theirs := w.tree(c.base), w.tree(c.ours), w.tree(c.theirs)
			r, err := merge.Trees(w, w, base, ours, theirs, merge.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := w.words(r.Tree); got != c.want {
				t.Errorf("tree %s\nwant %s", got, c.want)
			}
			if got := w.describe(r.Conflicts); !slices.Equal(got, c.conflicts) {
				t.Errorf("conflicts %q\nwant      %q", got, c.conflicts)
			}
			if got := noteWords(r.Notes); got != c.notes {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
			s, err := merge.Trees(w, w, base, theirs, ours, merge.Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkMirror(t, w, r, s)
		})
	}
}

// checkMirror holds that two merges of the same sides, swapped, are mirror
// images.
func checkMirror(t failer, w *world, r, s merge.Result) {
	t.Helper()
	if !reflect.DeepEqual(mirror(r.Conflicts, false), mirror(s.Conflicts, true)) {
		t.Fatalf("swapped: conflicts %q and %q", w.describe(r.Conflicts), w.describe(s.Conflicts))
	}
	if len(r.Conflicts) == 0 && r.Tree != s.Tree {
		t.Fatalf("swapped: %s and %s", w.words(r.Tree), w.words(s.Tree))
	}
	if !slices.Equal(joinedPaths(r), joinedPaths(s)) || noteWords(r.Notes) != noteWords(s.Notes) {
		t.Fatalf("swapped: %v %v and %v %v", joinedPaths(r), r.Notes, joinedPaths(s), s.Notes)
	}
	checkRecorded(t, w, r.Conflicts)
}

// checkRecorded holds that conflicts can be recorded, and are read as they were, and
// that all that is in them is in the store.
func checkRecorded(t failer, w *world, list []merge.Conflict) {
	t.Helper()
	text, err := merge.EncodeConflicts(list)
	if err != nil {
		t.Fatalf("%v in %.3000q", err, w.describe(list))
	}
	again, err := merge.DecodeConflicts(text)
	if err != nil || !reflect.DeepEqual(again, list) {
		t.Fatalf("conflicts decode to %q, %v", w.describe(again), err)
	}
	for _, c := range list {
		bases := []*objects.Entry{c.Base}
		for _, m := range c.Also {
			bases = append(bases, m.Base)
		}
		for _, e := range append(conflictEntries(c), bases...) {
			if e == nil {
				continue
			}
			kind := objects.KindBlob
			if e.Mode.IsFolder() {
				kind = objects.KindTree
			}
			if _, err := w.Store.Get(kind, e.ID); err != nil {
				t.Fatalf("conflict at %q: %s %q: %v", c.Path, c.Kind, e.Name, err)
			}
		}
	}
}

func joinedPaths(r merge.Result) []string {
	var list []string
	for _, j := range r.Joined {
		list = append(list, j.Path)
	}
	return list
}

func TestNoRenames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, err := merge.Trees(w, w, w.tree("a=1 x=1"), w.tree("b=1 x=1"), w.tree("a=2 x=1"), merge.Options{NoRenames: true})
	if err != nil || len(r.Conflicts) != 1 || w.words(r.Tree) != "b=1 x=1" {
		t.Errorf("%s %v %v", w.words(r.Tree), r.Conflicts, err)
	}
}

// TestReadsChangedTreesOnly: 200,000 files in 2,000 folders, three changed.
func TestReadsChangedTreesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blob := w.put(objects.KindBlob, []byte("x"))
	other := w.put(objects.KindBlob, []byte("y"))
	name := map[int]string{}
	make := func(changed ...int) objects.ID {
		var root objects.Tree
		for i := range 2000 {
			if name[i] == "" {
				name[i] = fmt.Sprintf("folder %04d", i)
			}
			var tr objects.Tree
			for j := range 100 {
				e := objects.Entry{Name: fmt.Sprintf("file %03d-%04d", j, i), Mode: objects.ModeFile, ID: blob, Size: 1}
				if j == 7 && slices.Contains(changed, i) {
					e.ID = other
				}
				tr.Entries = append(tr.Entries, e)
			}
			root.Entries = append(root.Entries, objects.Entry{Name: name[i], Mode: objects.ModeFolder, ID: w.put(objects.KindTree, tr.Encode()), Size: 100})
		}
		return w.put(objects.KindTree, root.Encode())
	}
	base, ours, theirs := make(), make(5, 900), make(900, 1999)
	w.reads = 0
	r, err := merge.Trees(w, w, base, ours, theirs, merge.Options{})
	if err != nil || len(r.Conflicts) != 0 {
		t.Fatal(err, r.Conflicts)
	}
	if r.Tree != make(5, 900, 1999) {
		t.Error("merged to another tree")
	}
	// Three roots, and, for renames, what both sides took out of the one folder
	// of which they made the same.
	if w.reads > 5 {
		t.Errorf("%d objects read", w.reads)
	}
	// A renamed folder in which the other side changed a file: the files in it
	// are told by their IDs, and only two folders are read besides the roots.
	name[5] = "folder 0005 of 2024"
	renamed := make(900)
	name[5] = ""
	w.reads = 0
	r, err = merge.Trees(w, w, base, ours, renamed, merge.Options{})
	if err != nil || len(r.Conflicts) > 0 || len(r.Notes) != 1 {
		t.Error(err, w.describe(r.Conflicts), r.Notes)
	}
	if w.reads > 10 {
		t.Errorf("%d objects read to follow a renamed folder", w.reads)
	}
	w.reads = 0
	n := 0
	for _, err := range merge.Changes(w, base, theirs) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 2 || w.reads > 6 {
		t.Errorf("%d changes, %d objects read", n, w.reads)
	}
}

func TestMissingTree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base, ours, theirs := w.tree("d/a=1"), w.tree("d/a=2"), w.tree("d/a=3")
	w.Remove(theirs)
	if _, err := merge.Trees(w, w, base, ours, theirs, merge.Options{}); !errors.Is(err, objects.ErrNotFound) {
		t.Errorf("error: %v", err)
	}
}

// TestTooDeep: a forged tree does not exhaust the stack.
func TestTooDeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	deep := func(content string) objects.ID {
		id := w.tree("f=" + content)
		for range 1000 {
			tr := objects.Tree{Entries: []objects.Entry{{Name: "d", Mode: objects.ModeFolder, ID: id, Size: 1}}}
			id = w.put(objects.KindTree, tr.Encode())
		}
		return id
	}
	if _, err := merge.Trees(w, w, deep("1"), deep("2"), deep("3"), merge.Options{}); !errors.Is(err, merge.ErrTooDeep) {
		t.Errorf("error: %v", err)
	}
}

// drawTree draws a tree that differs a little from another.
func drawTree(t *rapid.T, from string, label string) string {
	files := map[string]string{}
	for word := range strings.FieldsSeq(from) {
		p, c, _ := strings.Cut(word, "=")
		files[p] = c
	}
	name := rapid.SampledFrom([]string{"a", "b", "d/a", "d/b", "d/e/a", "e/a", "e/b", "A", "f", "d/n", "e/n"})
	content := rapid.SampledFrom([]string{"1", "2", "1,2,3,", "x,2,3,", "1,2,y,", `\0`, ""})
	for range rapid.IntRange(0, 4).Draw(t, label) {
		p := name.Draw(t, "path")
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			delete(files, p)
		case 1:
			to := name.Draw(t, "to")
			if c, ok := files[p]; ok {
				delete(files, p)
				files[to] = c
			}
		case 2:
			for q, c := range files {
				if rest, ok := strings.CutPrefix(q, "d/"); ok {
					delete(files, q)
					files["e/"+rest] = c
				}
			}
		default:
			files[p] = content.Draw(t, "content")
		}
	}
	var words []string
	seen := map[string]bool{}
	for _, p := range slices.Sorted(func(yield func(string) bool) {
		for p := range files {
			if !yield(p) {
				return
			}
		}
	}) {
		if top := strings.ToLower(p); !seen[top] && !seen[strings.Split(top, "/")[0]] {
			seen[top] = true
			words = append(words, p+"="+files[p])
		}
	}
	return strings.Join(words, " ")
}

// TestTreeLaws: mirrored sides give the mirrored result; one changed side is
// the result; a merge merged again stays; names never clash; nothing is lost
// without a conflict.
func TestTreeLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		words := drawTree(t, "a=1 b=2 d/a=1,2,3, d/b=5 d/e/a=7", "base")
		base, ours, theirs := w.tree(words), w.tree(drawTree(t, words, "ours")), w.tree(drawTree(t, words, "theirs"))
		t.Logf("base %s\nours %s\ntheirs %s", w.words(base), w.words(ours), w.words(theirs))
		run := func(b, o, th objects.ID) merge.Result {
			r, err := merge.Trees(w, w, b, o, th, merge.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		r := run(base, ours, theirs)
		checkMirror(t, w, r, run(base, theirs, ours))
		if got := run(base, ours, base); got.Tree != ours || len(got.Conflicts) > 0 {
			t.Fatalf("one side: %s", w.words(got.Tree))
		}
		if got := run(base, ours, ours); got.Tree != ours || len(got.Conflicts) > 0 {
			t.Fatalf("the same side: %s", w.words(got.Tree))
		}
		if got := run(theirs, r.Tree, theirs); got.Tree != r.Tree || len(got.Conflicts) > 0 {
			t.Fatalf("merged again: %s", w.words(got.Tree))
		}
		if lost := w.lost(base, ours, theirs, r); len(lost) > 0 {
			t.Fatalf("lost: %q", lost)
		}
	})
}

// lost lists what a side has, the base has not, and is not kept: it is neither
// in the merged tree, nor merged into a file, nor in a conflict. An empty file
// has nothing to lose.
func (w *world) lost(base, ours, theirs objects.ID, r merge.Result) []string {
	w.t.Helper()
	kept := map[objects.ID]bool{}
	for _, tree := range append(conflictFolders(r.Conflicts), base, r.Tree) {
		for _, c := range w.all(tree) {
			kept[c.New.ID] = true
		}
	}
	merged := map[string]bool{} // paths of what has been merged into a file
	for _, c := range r.Conflicts {
		for _, e := range conflictEntries(c) {
			kept[e.ID] = true
		}
		if c.Kind == merge.RenamedApart {
			merged[c.OursPath], merged[c.TheirsPath] = true, true
		}
	}
	for _, path := range joinedPaths(r) {
		merged[path] = true
	}
	var list []string
	for _, c := range append(w.all(ours), w.all(theirs)...) {
		if !kept[c.New.ID] && c.New.Size > 0 && !merged[c.Path] && !merged[noted(r.Notes, c.Path)] {
			list = append(list, c.Path)
		}
	}
	return list
}

// noted is where a merge says that it has put what a side has at a path.
func noted(notes []merge.Note, path string) string {
	for _, n := range notes {
		if below, ok := strings.CutPrefix(path, n.From); ok && (below == "" || below[0] == '/') {
			return n.To + below
		}
	}
	return path
}

// all lists what is in a tree.
func (w *world) all(tree objects.ID) []merge.Change {
	w.t.Helper()
	var list []merge.Change
	for c, err := range merge.Changes(w, objects.ID{}, tree) {
		if err != nil {
			w.t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// conflictEntries are what the sides have in a conflict.
func conflictEntries(c merge.Conflict) []*objects.Entry {
	list := []*objects.Entry{c.Ours, c.Theirs}
	for _, m := range c.Also {
		list = append(list, m.Ours, m.Theirs)
	}
	return slices.DeleteFunc(list, func(e *objects.Entry) bool { return e == nil })
}

// conflictFolders are the folders that conflicts have taken whole.
func conflictFolders(list []merge.Conflict) []objects.ID {
	var folders []objects.ID
	for _, c := range list {
		for _, e := range conflictEntries(c) {
			if e.Mode.IsFolder() {
				folders = append(folders, e.ID)
			}
		}
	}
	return folders
}
