package repo

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/mem"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// BenchmarkVerify is the inspection of a clone of 100,000 commits.
func BenchmarkVerify(b *testing.B) {
	const commits = 100_000
	office, ann := newUser(b, "office"), newUser(b, "ann")
	store := mem.New()
	settings, err := office.env.firstSettings("eng1")
	if err != nil {
		b.Fatal(err)
	}
	settings.Members = append([]roster.Member{{Name: "ann", Key: ann.key(), Level: roster.Full}}, settings.Members...)
	first, err := roster.PutSettings(store, office.env.metaCommit("x", objects.ID{}, 0), settings, office.env.Signer)
	if err != nil {
		b.Fatal(err)
	}
	fresh := []objects.ID{first}
	var last objects.ID
	for i := range commits {
		c := &objects.Commit{Generation: uint64(i + 1), Author: ann.env.Author, Device: "d", When: ann.env.Now(), Message: fmt.Sprintf("change number %d of many", i)}
		if i == 0 {
			setHeader(c, headerEngagement, first.String())
		} else {
			c.Parents = []objects.ID{last}
		}
		setHeader(c, headerSettings, first.String())
		if err := roster.Sign(c, ann.env.Signer); err != nil {
			b.Fatal(err)
		}
		if last, err = store.Put(objects.KindCommit, c.Encode(), objects.ID{}); err != nil {
			b.Fatal(err)
		}
		fresh = append(fresh, last)
	}
	tips := transport.Tips{{Name: headName("main"), ID: last}, {Name: nameSettings, ID: first}}
	for b.Loop() {
		s, err := newStanding(store, objects.ID{}, tips)
		if err != nil {
			b.Fatal(err)
		}
		metas, err := s.inspect(context.Background(), transport.Arrived{Tips: tips, Fresh: fresh, Source: store}, Env{})
		if err != nil || metas != 1 {
			b.Fatalf("%d, %v", metas, err)
		}
	}
	b.ReportMetric(float64(commits)*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkAccess is what the door asks for every connection, all the time.
func BenchmarkAccess(b *testing.B) {
	ctx := context.Background()
	office, ann := newUser(b, "office"), newUser(b, "ann")
	r := office.init(filepath.Join(b.TempDir(), "e"), "eng1")
	office.admit(r, roster.Full, ann)
	h, err := NewHost(ctx, office.env, []string{r.Root()}, HostOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	for b.Loop() {
		if _, err := h.Access(ann.key()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSign is what signing adds to a commit.
func BenchmarkSign(b *testing.B) {
	u := newUser(b, "office")
	r := u.init(filepath.Join(b.TempDir(), "e"), "eng1")
	state := r.state()
	c, err := r.newCommit(objects.ID{}, "x", state, idOf(state.Get(nameSettings)))
	if err != nil {
		b.Fatal(err)
	}
	store := mem.New()
	for b.Loop() {
		c.When = c.When.Add(time.Millisecond)
		if _, err := r.putCommit(store, c); err != nil {
			b.Fatal(err)
		}
	}
}
