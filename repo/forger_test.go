package repo

import (
	"context"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// forger is a member who does with his own copy what his esync never would.
type forger struct {
	t testing.TB
	r *Repo
}

// commit makes a commit on top of his line, which edit changes before it is
// signed, and resign after.
func (f *forger) commit(message string, edit func(*objects.Commit), resign func(*objects.Commit)) objects.ID {
	f.t.Helper()
	state := f.r.state()
	base := idOf(state.Get(headName("main")))
	tree, err := f.r.treeOf(base)
	if err != nil {
		f.t.Fatal(err)
	}
	c, err := f.r.newCommit(tree, message, state, idOf(state.Get(nameSettings)), base)
	if err != nil {
		f.t.Fatal(err)
	}
	if edit != nil {
		edit(c)
	}
	if err := roster.Sign(c, f.r.env.Signer); err != nil {
		f.t.Fatal(err)
	}
	if resign != nil {
		resign(c)
	}
	id := f.put(c)
	f.move(headName("main"), id)
	f.move(nameBase, id)
	return id
}

func (f *forger) put(c *objects.Commit) objects.ID {
	f.t.Helper()
	w, err := f.r.store.Begin()
	if err != nil {
		f.t.Fatal(err)
	}
	defer w.Close()
	id, err := w.Put(objects.KindCommit, c.Encode(), objects.ID{})
	if err == nil {
		err = w.Commit()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

// settings makes a version of the settings that nobody checked.
func (f *forger) settings(by *user, parents []objects.ID, edit func(*roster.Settings)) objects.ID {
	f.t.Helper()
	s, _, err := f.r.Settings(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	edit(s)
	c := f.r.env.metaCommit("forged", objects.ID{}, 0)
	for _, p := range parents {
		pc, err := f.r.graph.Commit(p)
		if err != nil {
			f.t.Fatal(err)
		}
		c.Parents = append(c.Parents, p)
		c.Generation = max(c.Generation, pc.Generation+1)
	}
	w, err := f.r.store.Begin()
	if err != nil {
		f.t.Fatal(err)
	}
	defer w.Close()
	id, err := roster.PutSettings(w, c, s, by.env.Signer)
	if err == nil {
		err = w.Commit()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

func (f *forger) move(name refs.Name, to objects.ID) {
	f.t.Helper()
	state := f.r.state()
	if _, err := f.r.refs.Apply(context.Background(), f.r.operation("forge", changed(change(state, name, valueOf(to)))...)); err != nil {
		f.t.Fatal(err)
	}
}

// The forger serves what he has without looking at it.

func (f *forger) Connect(context.Context, Source, How) (Connection, error) { return f, nil }

func (f *forger) Close() error { return nil }

func (f *forger) Open(ctx context.Context, request []byte) (transport.Stream, error) {
	client, server := duplex()
	go func() {
		defer server.Close()
		transport.Serve(ctx, server, request, unchecked{f.r})
	}()
	return client, nil
}

type unchecked struct{ r *Repo }

func (u unchecked) Open(context.Context, string, objects.ID) (transport.Engagement, error) {
	return reading{&served{repo: u.r}}, nil
}

// push moves all names of a copy that serves to where the forger has them.
func (f *forger) push(to *wired, as roster.Key) error {
	theirs, ours := refs.State{}, f.r.state()
	for _, s := range to.served {
		theirs = s.repo.state()
	}
	var changes []refs.Change
	local := transport.Local{Store: f.r.store.Store, Engagement: f.r.ID()}
	for _, root := range []string{underHeads, underMeta} {
		for name, value := range ours.List(root) {
			changes = append(changes, refs.Change{Name: name, Old: theirs.Get(name), New: value})
		}
		for _, value := range theirs.List(root) {
			local.Tracking = append(local.Tracking, idOf(value))
		}
	}
	_, err := transport.Push(context.Background(), &wiredConnection{to, as, to.cut}, transport.PushRequest{Engagement: "eng1", Changes: changed(changes...)}, local)
	return err
}

// admit writes admissions that nobody checked, under the name of a key.
func (f *forger) admit(by *user, owner, newcomer roster.Key, level roster.Level) {
	f.t.Helper()
	w, err := f.r.store.Begin()
	if err != nil {
		f.t.Fatal(err)
	}
	defer w.Close()
	a := &roster.Admissions{Members: []roster.Member{{Name: "new", Key: newcomer, Level: level, Expires: f.r.env.Now().Add(roster.MaxAdmission / 2)}}}
	id, err := roster.PutAdmissions(w, f.r.env.metaCommit("x", objects.ID{}, 0), a, idOf(f.r.state().Get(nameSettings)), by.env.Signer)
	if err == nil {
		err = w.Commit()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.move(admissionsName(owner), id)
}
