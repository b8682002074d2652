package refs_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func samples() map[string]refs.Operation {
	return map[string]refs.Operation{
		"empty": {Seq: 1, Time: clock},
		"commit": {
			Seq: 2, Time: clock, Command: `commit -m "Q4"`, Author: "Anna <anna@example.com>", Device: "laptop",
			Changes: []refs.Change{
				set("heads/main", "", objects.Sum(objects.KindCommit, []byte("c")).String()),
				set("work/line", "draft", "main"), set("config/parent", "office", ""),
			},
			Work: refs.Work{After: objects.Sum(objects.KindTree, []byte("t"))},
		},
		"undo": {Seq: 300, Time: clock, Command: "undo", Undoes: 299, Changes: []refs.Change{set("tags/é", "1", "")}},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, op := range samples() {
		file := "../testdata/golden/refs-" + name + ".hex"
		got := hex.Dump(refs.Record(op))
		if *update {
			if err := os.MkdirAll("../testdata/golden", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: encoding has changed\n%s", name, got)
		}
	}
}

// FuzzOperation: what decodes encodes to the same bytes.
func FuzzOperation(f *testing.F) {
	for _, op := range samples() {
		r := refs.Record(op)
		f.Add(r[16 : len(r)-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		op, err := refs.DecodeBody(body)
		if err != nil {
			return
		}
		if again := refs.EncodeBody(op); !bytes.Equal(again, body) {
			t.Errorf("decodes %x\nencodes %x", body, again)
		}
	})
}

// FuzzLog: whatever the file holds, opening gives a state or an error, and
// Verify agrees which.
func FuzzLog(f *testing.F) {
	dir := f.TempDir()
	s := open(f, openDir(f, dir))
	apply(f, s, set("heads/main", "", "1"))
	apply(f, s, set("heads/main", "1", "2"), set("work/line", "", "main"))
	content, err := os.ReadFile(dir + "/refs/log")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:20])
	f.Add(append(bytes.Clone(content[:40]), content...))
	f.Fuzz(func(t *testing.T, log []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(dir+"/refs", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/refs/log", log, 0o600); err != nil {
			t.Fatal(err)
		}
		d := openDir(t, dir)
		s, err := refs.Open(d, refs.Options{})
		if err != nil {
			return
		}
		rep, err := s.Verify()
		if err != nil || len(rep.Damage) > 0 {
			t.Fatalf("opens, but verify says %+v, %v", rep, err)
		}
		n := uint64(0)
		for _, err := range s.Operations() {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != rep.Operations {
			t.Errorf("%d operations backwards, %d forwards", n, rep.Operations)
		}
	})
}

// FuzzCheckpoint: what decodes encodes to the same bytes.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	d := openDir(f, dir)
	if err := refs.Generate(d, 64); err != nil {
		f.Fatal(err)
	}
	apply(f, open(f, d), set("work/line", "", "main"))
	b, err := os.ReadFile(dir + "/refs/state")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := refs.RecodeCheckpoint(b)
		if err == nil && !bytes.Equal(again, b) {
			t.Errorf("decodes %x\nencodes %x", b, again)
		}
	})
}
