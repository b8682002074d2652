package repo

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

// longHistory makes a copy with n commits, each of which changes one paper.
func longHistory(tb testing.TB, u *user, dir string, n int) *Repo {
	tb.Helper()
	r := u.init(dir, "eng1")
	w, err := r.store.Begin()
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	state := r.state()
	var tip, tree objects.ID
	for i := range n {
		content := fmt.Appendf(nil, "state %d\n", i)
		blob, err := w.Put(objects.KindBlob, content, objects.ID{})
		if err != nil {
			tb.Fatal(err)
		}
		t := objects.Tree{Entries: []objects.Entry{{Name: "paper.txt", Mode: objects.ModeFile, ID: blob, Size: int64(len(content)), ModTime: int64(i)}}}
		if tree, err = w.Put(objects.KindTree, t.Encode(), tree); err != nil {
			tb.Fatal(err)
		}
		c := &objects.Commit{Tree: tree, Generation: uint64(i + 1), Author: u.env.Author, When: u.env.Now(), Message: fmt.Sprint("step ", i)}
		if !tip.IsZero() {
			c.Parents = []objects.ID{tip}
		}
		setHeader(c, roster.HeaderSettings, string(state.Get(nameSettings)))
		if i == 0 {
			setHeader(c, roster.HeaderEngagement, string(state.Get(nameEngagement)))
		}
		if err := roster.Sign(c, u.env.Signer); err != nil {
			tb.Fatal(err)
		}
		if tip, err = w.Put(objects.KindCommit, c.Encode(), tip); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		tb.Fatal(err)
	}
	if _, err := r.refs.Apply(context.Background(), r.operation("make", change(state, headName(DefaultLine), valueOf(tip)))); err != nil {
		tb.Fatal(err)
	}
	if err := r.finish(context.Background()); err != nil {
		tb.Fatal(err)
	}
	if _, err := r.Merge(context.Background(), "main", MergeOptions{}); err != nil {
		tb.Fatal(err)
	}
	return r
}

// BenchmarkLongHistory is what people do all day, on 100,000 commits.
func BenchmarkLongHistory(b *testing.B) {
	ctx := context.Background()
	u := newUser(b, "anna")
	dir := b.TempDir()
	top := longHistory(b, u, filepath.Join(dir, "top"), 100_000)
	child := u.clone(top.Root(), filepath.Join(dir, "child"))
	verbs := map[string]func(*Repo) error{
		"status": func(r *Repo) error { _, err := r.Status(ctx, StatusOptions{}); return err },
		"log-10": func(r *Repo) error {
			for _, err := range r.Log(ctx, LogOptions{Limit: 10}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"pull-nothing": func(r *Repo) error { _, err := r.Pull(ctx, ""); return err },
	}
	for name, verb := range verbs {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := Open(ctx, u.env, child.Root())
				if err == nil {
					err = verb(r)
				}
				if err != nil {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
	b.Run("pull-settings", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			if err := top.ChangeSettings(ctx, func(s *roster.Settings) error { s.Hubs = []string{fmt.Sprintf("ssh://hub%d", i)}; return nil }); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if _, err := child.Pull(ctx, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}
