package pack_test

import (
	"slices"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

func TestFind(t *testing.T) {
	t.Parallel()
	s, err := pack.Open(openDir(t), pack.Options{Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var ids []objects.ID
	for i := range 3 {
		w, err := s.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for j := range 200 {
			id, err := w.Put(objects.KindTree, []byte{byte(i), byte(j), byte(j >> 8)}, objects.ID{})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids[:200] {
		for _, n := range []int{1, 2, 3, 64} {
			digits := id.String()[:n]
			var want []objects.ID
			for _, other := range ids {
				if other.String()[:n] == digits {
					want = append(want, other)
				}
			}
			got, err := s.Find(digits, 1000, objects.KindTree)
			slices.SortFunc(got, objects.ID.Compare)
			slices.SortFunc(want, objects.ID.Compare)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s: %d ids, want %d, %v", digits, len(got), len(want), err)
			}
		}
	}
	if got, err := s.Find("", 5, objects.KindTree); len(got) != 5 || err != nil {
		t.Errorf("all, but 5: %d, %v", len(got), err)
	}
	for _, digits := range []string{"xy", ids[0].String() + "0"} {
		if got, err := s.Find(digits, 5, objects.KindTree); got != nil || err != nil {
			t.Errorf("%q: %v, %v", digits, got, err)
		}
	}
	if got, err := s.Find(ids[0].String(), 5, objects.KindBlob); got != nil || err != nil {
		t.Errorf("of another kind: %v, %v", got, err)
	}
}
