package refs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// script plays words against a store: a value commits it, "undo", "redo" and
// "undo:N" plan and apply. It gives the value of heads/main after each word.
func script(t *testing.T, words string) string {
	t.Helper()
	s := open(t, openDir(t, t.TempDir()))
	main := refs.MustName("heads/main")
	var got []string
	for _, word := range strings.Fields(words) {
		var op refs.Operation
		var err error
		var seq uint64
		switch {
		case word == "redo":
			_, op, err = refs.RedoPlan(s.Operations())
		case strings.HasPrefix(word, "undo"):
			fmt.Sscanf(word, "undo:%d", &seq)
			_, op, err = refs.UndoPlan(s.Operations(), seq)
		default:
			op.Changes = []refs.Change{{Name: main, Old: state(t, s).Get(main), New: refs.Value(word)}}
		}
		if err == nil {
			_, err = s.Apply(context.Background(), op)
		}
		switch {
		case errors.Is(err, refs.ErrNothing):
			got = append(got, "nothing")
		case errors.Is(err, refs.ErrStale):
			got = append(got, "stale")
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, "="+string(state(t, s).Get(main)))
		}
	}
	return strings.Join(got, " ")
}

func TestUndo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ words, want string }{
		{"undo", "nothing"},
		{"a undo undo", "=a = nothing"},
		{"a b c undo undo undo undo", "=a =b =c =b =a = nothing"},
		{"a b undo c undo undo", "=a =b =a =c =a ="},
		{"a b undo redo undo undo", "=a =b =a =b =a ="},
		{"a b undo undo redo redo redo", "=a =b =a = =a =b nothing"},
		{"a b undo c redo", "=a =b =a =c nothing"},
		{"a undo b undo redo redo", "=a = =b = =b nothing"},
		{"a b undo:1", "=a =b stale"},
		{"a b undo undo:2", "=a =b =a nothing"},
		{"a b undo undo:3", "=a =b =a =b"},
		{"a undo:7", "=a nothing"},
		{"a b undo undo redo undo redo redo undo undo", "=a =b =a = =a = =a =b =a ="},
	} {
		if got := script(t, c.words); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.words, got, c.want)
		}
	}
}

func TestInverse(t *testing.T) {
	t.Parallel()
	before, after := objects.ID{1}, objects.ID{2}
	op := refs.Operation{Seq: 9, Command: "x", Changes: []refs.Change{set("heads/a", "1", "2"), set("tags/t", "", "3")}, Work: refs.Work{Before: before, After: after}}
	inv := refs.Inverse(op)
	if inv.Undoes != 9 || inv.Work != (refs.Work{Before: after, After: before}) ||
		inv.Changes[0] != set("heads/a", "2", "1") || inv.Changes[1] != set("tags/t", "3", "") {
		t.Errorf("inverse: %+v", inv)
	}
}
