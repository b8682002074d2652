package merge_test

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/esync/esync/merge"
)

func sampleJoined() []merge.Joined {
	many := merge.Joined{Path: "b/journal.csv"}
	for i := range 60 {
		many.FromTheirs = append(many.FromTheirs, merge.Place{Where: fmt.Sprint(i, "!Amount"), Base: "1", Ours: "1", Theirs: "2"})
	}
	return []merge.Joined{
		{Path: "a \u00e9.xlsx", FromOurs: []merge.Place{{Where: "TB!C3", Base: "1", Ours: "\"2\"", Theirs: "1"}}, FromTheirs: []merge.Place{{Where: "TB!C4", Theirs: "x\ny"}}},
		many,
		{Path: "c"},
	}
}

func TestGoldenJoined(t *testing.T) {
	t.Parallel()
	got := merge.EncodeJoined(sampleJoined())
	const file = "../testdata/golden/merge-joined.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("encoding has changed:\n%s", got)
	}
	list, err := merge.DecodeJoined(got)
	if err != nil || len(list) != 3 || !reflect.DeepEqual(list[0], sampleJoined()[0]) || len(list[1].FromTheirs) != 51 || list[1].FromTheirs[50].Where != "10 more" {
		t.Errorf("decodes to %+v, %v", list, err)
	}
	if m := sampleJoined()[0].Mirror(); m.FromTheirs[0].Theirs != `"2"` || m.Mirror().FromOurs[0] != sampleJoined()[0].FromOurs[0] {
		t.Errorf("mirrored: %+v", m)
	}
}

// FuzzJoined: no text makes the reader fail but with an error, and what it reads
// it reads again.
func FuzzJoined(f *testing.F) {
	f.Add(merge.EncodeJoined(sampleJoined()))
	f.Add("esync joined 1\n\"a\"\n\tours 3 more\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := merge.DecodeJoined(text)
		if err != nil {
			return
		}
		for _, j := range list {
			if len(j.FromOurs) > 50 || len(j.FromTheirs) > 50 {
				return // the last one counts others
			}
		}
		again, err := merge.DecodeJoined(merge.EncodeJoined(list))
		if err != nil || len(again) != len(list) {
			t.Errorf("decodes %q to %+v, and that to %+v, %v", text, list, again, err)
		}
	})
}
