package repo

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// ear notes what a user is told.
type ear struct {
	mu   sync.Mutex
	told []string
}

func (e *ear) hear(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, text)
}

// take gives what was told since the last time.
func (e *ear) take() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := strings.Join(e.told, "\n")
	e.told = nil
	return all
}

// listen opens a copy once more, with somebody who listens to what is told.
func listen(t *testing.T, u *user, r *Repo) (*Repo, *ear) {
	t.Helper()
	e := &ear{}
	env := u.env
	env.Warn = e.hear
	again, err := openAt(env, r.Root())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	return again, e
}

// TestField: the office goes, Ann's copy stands in, work goes on in the copies
// that are there, and whoever reaches the office first carries all of it up.
func TestField(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	b, told := listen(t, x.ben, x.b)
	x.net.set(officeAt, false)
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	write(t, x.a, "ann.txt", "ann's")
	commit(t, x.a, "ann")
	write(t, b, "ben.txt", "ben's")
	commit(t, b, "ben")
	stands := `"parent" (office) is out of reach; "ann" (found on the LAN at 10.0.0.5) stands in`
	res, err := b.Pull(ctx, "")
	if err != nil || res.Peer != "ann" || res.Commits != 1 {
		t.Fatalf("pull: %+v, %v", res, err)
	}
	if got := told.take(); got != stands {
		t.Errorf("told: %s", got)
	}
	if _, err := b.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if got := told.take(); got != stands {
		t.Errorf("told: %s", got)
	}
	if tip(x.a) != tip(b) || read(t, x.a, "ben.txt") != "ben's" {
		t.Error("ann has not what ben pushed")
	}
	s, err := b.Status(ctx, StatusOptions{})
	if err != nil || s.Arrived == nil || s.Arrived.All || s.Arrived.Missing != 3 {
		t.Errorf("ben's status: %+v, %v", s.Arrived, err)
	}
	// Read-only from here on: nothing can be pushed, and that is said.
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{ReadOnly: true})
	write(t, b, "more.txt", "more")
	commit(t, b, "more")
	if _, err := b.Push(ctx, ""); !errors.Is(err, transport.ErrRefused) || !strings.Contains(err.Error(), "can only be read") {
		t.Errorf("push to a copy that is served for reading: %v", err)
	}
	// Ben comes to the office first, then Ann.
	x.net.set(officeAt, true)
	x.net.set("10.0.0.5:7472", false)
	told.take()
	if res, err = b.Sync(ctx, "", SyncOptions{}); err != nil || res.Peer != "parent" || res.Commits != 4 {
		t.Fatalf("sync with the office: %+v, %v", res, err)
	}
	if got := told.take(); got != "" {
		t.Errorf("told: %s", got)
	}
	if res, err = x.a.Sync(ctx, "", SyncOptions{}); err != nil || res.Commits != 1 {
		t.Fatalf("ann's sync with the office: %+v, %v", res, err)
	}
	for _, r := range []*Repo{x.top, x.a, b} {
		if tip(r) != tip(b) {
			t.Errorf("%s differs", r.Root())
		}
		wantClean(t, r)
	}
	if s, err = x.a.Status(ctx, StatusOptions{}); err != nil || s.Arrived == nil || !s.Arrived.All {
		t.Errorf("ann's status: %+v, %v", s.Arrived, err)
	}
}

// TestMemberByName: a member's copy is reached by his name, and shows his key.
func TestMemberByName(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	write(t, x.a, "ann.txt", "ann's")
	commit(t, x.a, "ann")
	if _, err := x.b.Pull(ctx, "ann"); !errors.Is(err, ErrUnreachable) {
		t.Errorf("pull from a member who is nowhere: %v", err)
	}
	eve := newUser(t, "eve")
	x.net.join(eve)
	stranger := eve.init(t.TempDir(), "eng1")
	imposter := x.net.serve(eve, "10.0.0.66:7472", stranger.Root(), HostOptions{})
	imposter.by = &user{env: x.ann.env} // announces itself by Ann's device key
	imposter.by.env.HostKey = eve.env.HostKey
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{})
	res, err := x.b.Pull(ctx, "Ann")
	if err != nil || res.Peer != "ann" || res.Commits != 1 {
		t.Fatalf("pull: %+v, %v", res, err)
	}
	if err := x.b.SetParent(ctx, "ANN"); err != nil {
		t.Fatal(err)
	}
	if parent, _ := x.b.Parent(); parent != "ann" {
		t.Errorf("parent %q", parent)
	}
	if res, err = x.b.Pull(ctx, ""); err != nil || res.Peer != "ann" {
		t.Errorf("pull from a member as parent: %+v, %v", res, err)
	}
	// She is remembered: without the network's help she is found again.
	x.net.hosts["10.0.0.5:7472"].lan = false
	if res, err = x.b.Pull(ctx, "ann"); err != nil || !res.UpToDate {
		t.Errorf("pull from where she was: %+v, %v", res, err)
	}
}

// TestPinned: a named peer that shows another key than before is refused.
func TestPinned(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if got := parsePin(string(x.a.state().Get(nameIn(underHostKey, "parent")))); got.key != x.office.env.HostKey || got.member != "office" {
		t.Errorf("the office is remembered by %+v", got)
	}
	x.net.hosts[officeAt].by = newUser(t, "eve")
	if _, err := x.a.Pull(ctx, ""); err == nil || errors.Is(err, ErrUnreachable) {
		t.Errorf("pull from an office with another key: %v", err)
	}
	// The office says that it has a new machine.
	x.net.hosts[officeAt].by = x.office
	key := newUser(t, "new").env.hostKey()
	if _, err := x.top.Grant(ctx, "office", roster.Admin, GrantOptions{HostKey: key}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	moved := *x.office
	moved.env.HostKey = key.String()
	x.net.hosts[officeAt].by = &moved
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Errorf("pull from the office's new machine: %v", err)
	}
}

// TestFormerMember: nothing goes to the copy of somebody who was put out, under
// whatever name it is known.
func TestFormerMember(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	x.net.serve(x.ann, "ann:7472", x.a.Root(), HostOptions{})
	if err := x.b.AddRemote(ctx, "colleague", "ssh://ann:7472/eng1"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, "colleague"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.top.Revoke(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
	write(t, x.b, "ben.txt", "not for ann")
	commit(t, x.b, "ben")
	if _, err := x.b.Push(ctx, "colleague"); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("push to one who was revoked: %v", err)
	}
	if _, err := x.b.Pull(ctx, "ann"); !errors.Is(err, ErrUnknown) {
		t.Errorf("pull from one who was revoked: %v", err)
	}
	x.net.set(officeAt, false)
	if _, err := x.b.Push(ctx, ""); !errors.Is(err, ErrUnreachable) {
		t.Errorf("one who was revoked stands in: %v", err)
	}
}

func TestPeers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{ReadOnly: true})
	write(t, x.a, "ann.txt", "ann's")
	commit(t, x.a, "ann")
	write(t, x.b, "ben.txt", "ben's")
	commit(t, x.b, "ben")
	if err := x.b.AddRemote(ctx, "branch", "ssh://branch:22/eng1"); err != nil {
		t.Fatal(err)
	}
	peers, err := x.b.Peers(ctx)
	if err != nil || len(peers) != 3 {
		t.Fatalf("%d peers, %v: %+v", len(peers), err, peers)
	}
	office, ann, branch := peers[0], peers[1], peers[2]
	if !office.Parent || office.Name != "parent" || office.Member != "office" || !office.Reachable || office.ReadOnly || office.Ahead != 1 || office.Behind != 0 || office.Unknown {
		t.Errorf("office: %+v", office)
	}
	if office.Told == nil || office.Told.All || office.Told.Missing != 1 || ann.Told == nil || !ann.Told.Time.Before(office.Told.Time) {
		t.Errorf("the office says %+v, ann %+v", office.Told, ann.Told)
	}
	if ann.Name != "ann" || ann.Route != RouteLAN || ann.Address != "10.0.0.5:7472" || !ann.Reachable || !ann.ReadOnly || !ann.Unknown || ann.MemberLevel != roster.Full {
		t.Errorf("ann: %+v", ann)
	}
	if branch.Reachable || branch.Problem == nil || !branch.Heard.IsZero() {
		t.Errorf("branch: %+v", branch)
	}
	if _, err := x.b.Pull(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	x.net.set("10.0.0.5:7472", false)
	if peers, err = x.b.Peers(ctx); err != nil || len(peers) != 3 {
		t.Fatalf("%d peers, %v", len(peers), err)
	}
	for _, p := range peers {
		if p.Name == "ann" && (p.Reachable || p.Heard.IsZero() || p.Ahead != 2 || p.Behind != 0 || p.Unknown) {
			t.Errorf("ann, gone: %+v", p)
		}
	}
}

// TestSyncWithReader: from a copy that takes no pushes its work is pulled all
// the same, and whoever has something to push hears that it stays here.
func TestSyncWithReader(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	x.net.set(officeAt, false)
	x.net.serve(x.ann, "10.0.0.5:7472", x.a.Root(), HostOptions{ReadOnly: true})
	write(t, x.a, "ann.txt", "ann's")
	commit(t, x.a, "ann")
	res, err := x.b.Sync(ctx, "", SyncOptions{})
	if err != nil || res.Peer != "ann" || res.Commits != 1 || read(t, x.b, "ann.txt") != "ann's" {
		t.Errorf("sync with nothing to push: %+v, %v", res, err)
	}
	write(t, x.a, "ann.txt", "ann's again")
	commit(t, x.a, "again")
	write(t, x.b, "ben.txt", "ben's")
	commit(t, x.b, "ben")
	res, err = x.b.Sync(ctx, "", SyncOptions{})
	if !errors.Is(err, transport.ErrRefused) || res == nil || read(t, x.b, "ann.txt") != "ann's again" {
		t.Errorf("sync with something to push: %+v, %v", res, err)
	}
	if tip(x.a) == tip(x.b) {
		t.Error("a copy that is shared for reading took a push")
	}
	wantClean(t, x.b)
}
