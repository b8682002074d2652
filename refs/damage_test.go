package refs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/esync/esync/internal/faultfs"
	"github.com/esync/esync/refs"
)

// fill makes a log of three operations and returns the lengths behind each.
func fill(t *testing.T, dir string) (content []byte, ends []int) {
	t.Helper()
	s := open(t, openDir(t, dir))
	for i := range 3 {
		apply(t, s, set("heads/main", []string{"", "v1", "v2"}[i], fmt.Sprintf("v%d", i+1)))
		info, err := os.Stat(filepath.Join(dir, "refs/log"))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(info.Size()))
	}
	content, err := os.ReadFile(filepath.Join(dir, "refs/log"))
	if err != nil {
		t.Fatal(err)
	}
	return content, ends
}

func writeLog(t *testing.T, dir string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "refs/log"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTornTailAtEveryByte(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content, ends := fill(t, dir)
	f := openDir(t, dir)
	for cut := range len(content) {
		zeros := append(bytes.Clone(content[:cut]), make([]byte, len(content)-cut)...)
		for _, torn := range [][]byte{content[:cut], zeros} {
			want := uint64(0)
			for _, end := range ends {
				if bytes.HasPrefix(torn, content[:end]) {
					want++
				}
			}
			writeLog(t, dir, torn)
			s := open(t, f)
			if got := state(t, s).Seq; got != want {
				t.Fatalf("cut at %d of %d: %d operations, want %d", cut, len(torn), got, want)
			}
			old := state(t, s).Get(refs.MustName("heads/main"))
			if op := apply(t, s, refs.Change{Name: refs.MustName("heads/main"), Old: old, New: "new"}); op.Seq != want+1 {
				t.Fatalf("cut at %d: next is %d", cut, op.Seq)
			}
			if rep := sound(t, open(t, f)); rep.Torn != 0 || rep.Operations != want+1 {
				t.Fatalf("cut at %d: %+v", cut, rep)
			}
		}
	}
}

func TestFlippedBitsAreDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content, ends := fill(t, dir)
	f := openDir(t, dir)
	for at := 0; at < ends[1]; at++ {
		bad := bytes.Clone(content)
		bad[at] ^= 0x10
		writeLog(t, dir, bad)
		_, err := refs.Open(f, refs.Options{})
		var damage *refs.DamageError
		if !errors.Is(err, refs.ErrCorrupt) || !errors.As(err, &damage) {
			t.Fatalf("bit at %d: %v", at, err)
		}
		from := uint64(1)
		if at >= ends[0] {
			from = 2
		}
		inHeader := at < 16
		if !inHeader && (damage.From != from || damage.To != from || damage.Offset > int64(at) || damage.End <= int64(at)) {
			t.Fatalf("bit at %d: %+v", at, damage)
		}
	}
}

func TestVerifyReadsBeyondDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	content, ends := fill(t, dir)
	s := open(t, openDir(t, dir))
	content[ends[0]+20] ^= 1
	writeLog(t, dir, content)
	rep, err := s.Verify()
	if err != nil || len(rep.Damage) != 1 || rep.Operations != 2 || rep.Damage[0].From != 2 || rep.Damage[0].To != 2 {
		t.Errorf("report: %+v, %v", rep, err)
	}
	// The last record, whole at both ends, is damage as well and no torn tail.
	content[ends[0]+20] ^= 1
	content[ends[1]+30] ^= 1
	writeLog(t, dir, content)
	rep, err = s.Verify()
	if err != nil || len(rep.Damage) != 1 || rep.Damage[0].From != 3 {
		t.Errorf("report: %+v, %v", rep, err)
	}
	if _, err := refs.Open(openDir(t, dir), refs.Options{}); !errors.Is(err, refs.ErrCorrupt) {
		t.Errorf("open: %v", err)
	}
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := openDir(t, dir)
	s := open(t, f)
	for i := range 70 {
		old := ""
		if i > 0 {
			old = fmt.Sprint(i - 1)
		}
		apply(t, s, set("heads/main", old, fmt.Sprint(i)))
	}
	name := filepath.Join(dir, "refs/state")
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "refs/log"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := list(state(t, open(t, f)), ""); got != "heads/main=69" {
			t.Fatalf("bad checkpoint at %d: %s", i, got)
		}
	}
	if err := os.WriteFile(name, good, 0o600); err != nil {
		t.Fatal(err)
	}
	sound(t, open(t, f))
	for _, n := range []int{0, 10, 16, 100, 1000} {
		writeLog(t, dir, log[:n])
		if _, err := refs.Open(f, refs.Options{}); !errors.Is(err, refs.ErrCorrupt) {
			t.Errorf("log cut to %d below the checkpoint: %v", n, err)
		}
	}
	os.Remove(filepath.Join(dir, "refs/log"))
	if _, err := refs.Open(f, refs.Options{}); !errors.Is(err, refs.ErrCorrupt) {
		t.Errorf("log missing: %v", err)
	}
}

// TestFaults fails or stops the machine at every operation of a run and holds
// that the state is the one before or after the change it hit.
func TestFaults(t *testing.T) {
	t.Parallel()
	run := func(s *refs.Store) (done int, err error) {
		for i := range 3 {
			_, err = s.Apply(context.Background(), refs.Operation{Changes: []refs.Change{
				set("heads/a", []string{"", "1", "2"}[i], fmt.Sprint(i+1)), set("heads/b", []string{"", "1", "2"}[i], fmt.Sprint(i+1)),
			}})
			if err != nil {
				return done, err
			}
			done++
		}
		return done, nil
	}
	for _, kind := range []struct {
		name string
		plan faultfs.Plan
	}{
		{"stop", faultfs.Plan{Short: true}},
		{"power", faultfs.Plan{Short: true, Drop: true}},
		{"power whole", faultfs.Plan{Drop: true}},
		{"full", faultfs.Plan{Err: faultfs.ErrSpace, Short: true}},
		{"io", faultfs.Plan{Err: faultfs.ErrIO}},
		{"io reads", faultfs.Plan{Err: faultfs.ErrIO, Reads: true}},
	} {
		for at := 1; ; at++ {
			dir := openDir(t, t.TempDir())
			plan := kind.plan
			plan.At = at
			bad := faultfs.New(dir, plan)
			done := 0
			s, err := refs.Open(bad, refs.Options{})
			if err == nil {
				done, err = run(s)
			}
			past := bad.Count() < at
			if err == nil && !past && kind.name != "io reads" {
				// A failed checkpoint or clean-up is no failure.
				t.Logf("%s: operation %d failed unnoticed", kind.name, at)
			}
			if plan.Err == nil {
				if err := bad.Crash(); err != nil {
					t.Fatal(err)
				}
			}
			s, err = refs.Open(dir, refs.Options{})
			if err != nil {
				t.Fatalf("%s at %d: open: %v", kind.name, at, err)
			}
			st := state(t, s)
			a, b := st.Get(refs.MustName("heads/a")), st.Get(refs.MustName("heads/b"))
			if a != b || int(st.Seq) < done || int(st.Seq) > done+1 {
				t.Fatalf("%s at %d: %d done, state %d: %s", kind.name, at, done, st.Seq, list(st, ""))
			}
			apply(t, s, refs.Change{Name: refs.MustName("heads/a"), Old: a, New: "new"})
			sound(t, s)
			if past {
				break
			}
		}
	}
}
