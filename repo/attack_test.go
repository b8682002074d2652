package repo

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// attack is one thing that must not get through, by push to the office and by
// pull from the forger. It starts from a team at one commit.
type attack struct {
	name string
	do   func(t testing.TB, x *team, f *forger)
	want error
}

// stay holds that a copy is where it was.
func stay(t *testing.T, r *Repo) func() {
	t.Helper()
	before := r.state()
	return func() {
		t.Helper()
		after := r.state()
		for _, root := range []string{underHeads, underTags, underMeta, underWork, "config"} {
			for name, value := range after.List(root) {
				if before.Get(name) != value {
					t.Errorf("%s: %q moved", r.Root(), name)
				}
			}
			for name := range before.List(root) {
				if after.Get(name) == "" {
					t.Errorf("%s: %q is gone", r.Root(), name)
				}
			}
		}
		wantClean(t, r)
	}
}

func TestForgedCommits(t *testing.T) {
	t.Parallel()
	stranger, reader := newUser(t, "stranger"), newUser(t, "reader")
	by := func(u *user) func(*objects.Commit) {
		return func(c *objects.Commit) {
			if err := roster.Sign(c, u.env.Signer); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range []attack{
		{"signed by a stranger", func(t testing.TB, x *team, f *forger) { f.commit("x", nil, by(stranger)) }, transport.ErrForged},
		{"signed by a reader", func(t testing.TB, x *team, f *forger) { f.commit("x", nil, by(reader)) }, transport.ErrForged},
		{"not signed", func(t testing.TB, x *team, f *forger) {
			f.commit("x", nil, func(c *objects.Commit) { c.Signature = nil })
		}, transport.ErrForged},
		{"changed after it was signed", func(t testing.TB, x *team, f *forger) {
			f.commit("x", nil, func(c *objects.Commit) { c.Message = "y" })
		}, transport.ErrForged},
		{"signed for another purpose", func(t testing.TB, x *team, f *forger) {
			f.commit("x", nil, func(c *objects.Commit) { c.Signature, _ = f.r.env.Signer.Sign("join@esync", c.Payload()) })
		}, transport.ErrForged},
		{"with an office commit's signature", func(t testing.TB, x *team, f *forger) {
			base, err := f.r.graph.Commit(tip(f.r))
			if err != nil {
				t.Fatal(err)
			}
			f.commit("x", nil, func(c *objects.Commit) { c.Signature = base.Signature })
		}, transport.ErrForged},
		{"in the office's name", func(t testing.TB, x *team, f *forger) {
			f.commit("x", func(c *objects.Commit) { c.Author = x.office.env.Author }, nil)
		}, transport.ErrForged},
		{"under no settings", func(t testing.TB, x *team, f *forger) {
			f.commit("x", func(c *objects.Commit) { setHeader(c, headerSettings, "") }, nil)
		}, transport.ErrForged},
		{"under settings of his own", func(t testing.TB, x *team, f *forger) {
			own := f.settings(x.ann, []objects.ID{idOf(f.r.state().Get(nameSettings))}, func(s *roster.Settings) { s.ByName("ann").Level = roster.Admin })
			f.commit("x", func(c *objects.Commit) { setHeader(c, headerSettings, own.String()) }, nil)
		}, transport.ErrForged},
		{"under older settings than its parent's", func(t testing.TB, x *team, f *forger) {
			f.commit("x", func(c *objects.Commit) { setHeader(c, headerSettings, x.top.ID().String()) }, nil)
		}, transport.ErrForged},
		{"behind a good one", func(t testing.TB, x *team, f *forger) {
			f.commit("x", nil, by(stranger))
			f.commit("y", nil, nil)
		}, transport.ErrForged},
		{"a line that is settings", func(t testing.TB, x *team, f *forger) {
			f.move(headName("other"), idOf(f.r.state().Get(nameSettings)))
		}, transport.ErrForged},
		{"content that stands on settings", func(t testing.TB, x *team, f *forger) {
			s, err := f.r.graph.Commit(idOf(f.r.state().Get(nameSettings)))
			if err != nil {
				t.Fatal(err)
			}
			f.commit("x", func(c *objects.Commit) {
				c.Parents = append(c.Parents, idOf(f.r.state().Get(nameSettings)))
				c.Generation = max(c.Generation, s.Generation+1)
			}, nil)
		}, transport.ErrForged},
		{"a first commit of another engagement", func(t testing.TB, x *team, f *forger) {
			main := tip(f.r)
			first := f.commit("x", func(c *objects.Commit) {
				c.Parents, c.Generation = nil, 1
				setHeader(c, headerEngagement, strings.Repeat("ab", 32))
			}, nil)
			f.move(headName("other"), first)
			f.move(headName("main"), main)
		}, transport.ErrForged},
		{"settings by a member", func(t testing.TB, x *team, f *forger) {
			f.move(nameSettings, f.settings(x.ann, []objects.ID{idOf(f.r.state().Get(nameSettings))}, func(s *roster.Settings) { s.ByName("ann").Level = roster.Admin }))
			f.commit("x", nil, nil)
		}, transport.ErrForged},
		{"settings by a stranger", func(t testing.TB, x *team, f *forger) {
			f.move(nameSettings, f.settings(stranger, []objects.ID{idOf(f.r.state().Get(nameSettings))}, func(s *roster.Settings) {
				s.Members = append(s.Members, roster.Member{Name: "stranger", Key: stranger.key(), Level: roster.Admin})
			}))
			f.commit("x", nil, nil)
		}, transport.ErrForged},
		{"settings with two parents", func(t testing.TB, x *team, f *forger) {
			f.move(nameSettings, f.settings(x.office, []objects.ID{idOf(f.r.state().Get(nameSettings)), x.top.ID()}, func(s *roster.Settings) { s.Hubs = []string{"ssh://x"} }))
			f.commit("x", nil, nil)
		}, transport.ErrForged},
		{"settings of another engagement", func(t testing.TB, x *team, f *forger) {
			f.move(nameSettings, f.settings(x.ann, nil, func(s *roster.Settings) { s.ByName("ann").Level = roster.Admin }))
			f.commit("x", nil, nil)
		}, nil}, // a fork: refused, or ours are kept
		{"admissions by one who may not", func(t testing.TB, x *team, f *forger) {
			f.admit(x.ann, x.ann.key(), stranger.key(), roster.Read)
			f.commit("x", nil, nil)
		}, transport.ErrForged},
		{"admissions in another's name", func(t testing.TB, x *team, f *forger) {
			f.admit(x.ann, x.office.key(), stranger.key(), roster.Read)
			f.commit("x", nil, nil)
		}, transport.ErrForged},
	} {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			x := newTeam(t)
			x.office.admit(x.top, roster.Read, reader) // so that there are settings newer than those of the base
			write(t, x.top, "second.txt", "2")
			commit(t, x.top, "second")
			for _, r := range []*Repo{x.a, x.b} {
				if _, err := r.Pull(ctx, ""); err != nil {
					t.Fatal(err)
				}
			}
			f := &forger{t, x.a}
			a.do(t, x, f)
			office, ben := stay(t, x.top), stay(t, x.b)
			err := f.push(x.net.hosts[officeAt], x.ann.key())
			if err == nil || a.want != nil && !errors.Is(err, a.want) {
				t.Errorf("push: %v, want %v", err, a.want)
			}
			office()
			_, err = x.b.pullFrom(ctx, peer{name: "ann"}, f)
			if a.want == nil {
				if x.b.state().Get(nameSettings) != x.top.state().Get(nameSettings) {
					t.Errorf("pull: ben took over other settings: %v", err)
				}
				return
			}
			if !errors.Is(err, a.want) {
				t.Errorf("pull: %v, want %v", err, a.want)
			}
			ben()
			cleo := newUser(t, "cleo")
			cleo.env.Connect = f
			src, _ := ParseSource("ssh://ann:1/eng1")
			if _, _, err := Clone(ctx, cleo.env, src, x.dir+"/cleo", CloneOptions{}); !errors.Is(err, a.want) {
				t.Errorf("clone: %v, want %v", err, a.want)
			}
		})
	}
}

// TestRevokedKeepsWriting: who was put out makes commits under the settings
// that he had. Nothing of it stands on what knows that he is out; and the door
// is closed to him, also with a copy of old settings.
func TestRevokedKeepsWriting(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	f := &forger{t, x.a}
	old := idOf(x.a.state().Get(nameSettings))
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	write(t, x.top, "after.txt", "after")
	commit(t, x.top, "after")
	if _, err := x.b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	// She gets hold of what was done since, and builds on it under old settings.
	if _, err := f.r.pullFrom(ctx, peer{name: "ben"}, &forger{t, x.b}); err != nil {
		t.Fatal(err)
	}
	f.commit("on top of newer history", func(c *objects.Commit) { setHeader(c, headerSettings, old.String()) }, nil)
	office, ben := stay(t, x.top), stay(t, x.b)
	if _, err := x.b.pullFrom(ctx, peer{name: "ann"}, f); !errors.Is(err, transport.ErrForged) {
		t.Errorf("pull: %v", err)
	}
	if err := f.push(x.net.hosts[officeAt], x.ann.key()); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("push by herself: %v", err)
	}
	if err := f.push(x.net.hosts[officeAt], x.ben.key()); !errors.Is(err, transport.ErrForged) {
		t.Errorf("push by ben's key: %v", err)
	}
	// Under the settings that she knows now she may not either.
	f.commit("under the new ones", nil, nil)
	if _, err := x.b.pullFrom(ctx, peer{name: "ann"}, f); !errors.Is(err, transport.ErrForged) {
		t.Errorf("pull under new settings: %v", err)
	}
	office()
	ben()
}

// TestSettingsRolledBack: a peer that shows an older version of the settings,
// or one beside ours, changes nothing here.
func TestSettingsRolledBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	b, told := listen(t, x.ben, x.b)
	if _, err := b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	ours := b.state().Get(nameSettings)
	f := &forger{t, x.a} // who still has the version before
	if _, err := b.pullFrom(ctx, peer{name: "ann"}, f); err != nil {
		t.Fatalf("pull from a copy that is behind: %v", err)
	}
	if b.state().Get(nameSettings) != ours {
		t.Error("settings went back")
	}
	if got := told.take(); got != "" {
		t.Errorf("told: %s", got)
	}
	// The office's own key makes a version beside: of a stolen or restored disk.
	fork := f.settings(x.office, []objects.ID{idOf(x.a.state().Get(nameSettings))}, func(s *roster.Settings) { s.Hubs = []string{"ssh://elsewhere"} })
	f.move(nameSettings, fork)
	if _, err := b.pullFrom(ctx, peer{name: "ann"}, f); err != nil {
		t.Fatalf("pull from a fork without new commits: %v", err)
	}
	if b.state().Get(nameSettings) != ours {
		t.Error("settings went to a fork")
	}
	if got := told.take(); !strings.Contains(got, "WARNING") || !strings.Contains(got, "Ours are kept") {
		t.Errorf("told: %q", got)
	}
	f.commit("under the fork", nil, nil)
	keeps := stay(t, b)
	if _, err := b.pullFrom(ctx, peer{name: "ann"}, f); !errors.Is(err, transport.ErrForged) {
		t.Errorf("pull of a commit under a fork: %v", err)
	}
	keeps()
	office := stay(t, x.top)
	if err := f.push(x.net.hosts[officeAt], x.ben.key()); err == nil {
		t.Error("push of a fork: taken")
	}
	office()
	// What ben hears when he has the fork himself.
	if _, err := x.top.Push(ctx, x.a.Root()); err == nil {
		t.Error("the office pushed to a copy with a fork")
	} else if !errors.Is(err, ErrForked) {
		t.Errorf("the office hears: %v", err)
	}
}

// TestMetaNames: a push moves no name under meta/ that this copy does not
// understand, and takes none away.
func TestMetaNames(t *testing.T) {
	t.Parallel()
	x := newTeam(t)
	host := x.net.hosts[officeAt]
	settings := x.top.state().Get(nameSettings)
	office := stay(t, x.top)
	for what, c := range map[string]refs.Change{
		"a name of no meaning":     {Name: refs.MustName("meta/other"), New: settings},
		"settings as admissions":   {Name: admissionsName(x.ann.key()), New: settings},
		"no settings any more":     {Name: nameSettings, Old: settings},
		"settings back to a first": {Name: nameSettings, Old: settings, New: valueOf(x.top.ID())},
	} {
		local := transport.Local{Store: x.a.store.Store, Engagement: x.a.ID(), Tracking: []objects.ID{idOf(settings)}}
		_, err := transport.Push(context.Background(), &wiredConnection{host, x.ann.key(), host.cut},
			transport.PushRequest{Engagement: "eng1", Changes: []refs.Change{c}}, local)
		if err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	office()
}

// TestFsckFindsForgery: what was put into a copy by other ways than esync's.
func TestFsckFindsForgery(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, do := range map[string]func(x *team, f *forger){
		"unsigned": func(x *team, f *forger) { f.commit("x", nil, func(c *objects.Commit) { c.Signature = nil }) },
		"changed":  func(x *team, f *forger) { f.commit("x", nil, func(c *objects.Commit) { c.Message = "y" }) },
		"no version": func(x *team, f *forger) {
			f.commit("x", func(c *objects.Commit) { setHeader(c, headerSettings, strings.Repeat("ab", 32)) }, nil)
		},
		"settings": func(x *team, f *forger) {
			f.move(nameSettings, f.settings(x.ann, []objects.ID{idOf(f.r.state().Get(nameSettings))}, func(s *roster.Settings) { s.Hubs = []string{"x"} }))
		},
	} {
		x := newTeam(t)
		wantSound(t, x.a)
		do(x, &forger{t, x.a})
		res, err := x.a.Fsck(ctx)
		if err != nil || len(res.Damage) != 1 || res.Damage[0].Kind != objects.KindCommit || res.Damage[0].Reason == "" {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
}
