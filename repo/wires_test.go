package repo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// wires is a network inside the test: copies that serve, by their addresses.
// Who connects is known by his key, and a host shows its own, as over SSH.
type wires struct {
	t testing.TB

	mu    sync.Mutex
	hosts map[string]*wired
}

// wired is one copy that serves.
type wired struct {
	*Host
	by   *user
	lan  bool // it answers when somebody looks for others on the network
	cut  chan struct{}
	down bool
	read bool
}

func newWires(t testing.TB) *wires { return &wires{t: t, hosts: map[string]*wired{}} }

// join connects a user to the network.
func (w *wires) join(us ...*user) {
	for _, u := range us {
		u.env.Connect, u.env.Find = wire{w, u}, wire{w, u}
	}
}

// serve lets a user's copy be reached at HOST:PORT, and found when that begins
// with "10.".
func (w *wires) serve(u *user, at, root string, o HostOptions) *wired {
	w.t.Helper()
	h, err := NewHost(context.Background(), u.env, []string{root}, o)
	if err != nil {
		w.t.Fatal(err)
	}
	s := &wired{Host: h, by: u, lan: strings.HasPrefix(at, "10."), cut: make(chan struct{}), read: o.ReadOnly}
	w.mu.Lock()
	w.hosts[at] = s
	w.mu.Unlock()
	w.t.Cleanup(func() { w.set(at, false); h.Close() })
	return s
}

// set switches an address on or off; off cuts what runs over it.
func (w *wires) set(at string, up bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.hosts[at]
	switch {
	case up && s.down:
		s.cut = make(chan struct{})
	case !up && !s.down:
		close(s.cut)
	}
	s.down = !up
}

// wire is the network as one user sees it.
type wire struct {
	w *wires
	u *user
}

func (c wire) Connect(ctx context.Context, s Source, how How) (Connection, error) {
	at := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	host := c.w.hosts[at]
	if host == nil || host.down {
		return nil, fmt.Errorf("%s: no route to host: %w", at, ErrUnreachable)
	}
	if len(how.HostKeys) > 0 && !slices.Contains(how.HostKeys, host.by.env.HostKey) {
		return nil, errors.New("host key has changed")
	}
	key, err := c.u.env.key()
	if err != nil {
		return nil, err
	}
	// The door: his own key, as a guest where nobody knows it, or the one of an
	// invitation.
	if _, err := host.Authorize(key); err != nil && how.Invitation != nil {
		if key, err = roster.ParseKey(sshsig.FromSeed(how.Invitation).Public()); err != nil {
			return nil, err
		}
		if _, err := host.Authorize(key); err != nil {
			return nil, err
		}
	}
	return &wiredConnection{host, key, host.cut}, nil
}

func (c wire) Find(ctx context.Context, discovery [32]byte, found func(Found)) error {
	c.w.mu.Lock()
	var all []Found
	for at, h := range c.w.hosts {
		for _, s := range h.served {
			round, err := s.repo.atlas()
			if err != nil || !h.lan || h.down || !slices.Contains(round.circle.discovery(), discovery) {
				continue
			}
			all = append(all, Found{Key: h.by.key(), Addr: at, ReadOnly: h.read})
		}
	}
	c.w.mu.Unlock()
	for _, f := range all {
		found(f)
	}
	<-ctx.Done()
	return nil
}

// wiredConnection is a connection to a copy that serves.
type wiredConnection struct {
	to  *wired
	key roster.Key
	cut chan struct{}
}

func (c *wiredConnection) Close() error { return nil }

// HostKey implements Shower.
func (c *wiredConnection) HostKey() string { return c.to.by.env.HostKey }

func (c *wiredConnection) Open(ctx context.Context, request []byte) (transport.Stream, error) {
	client, server := duplex()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-c.cut:
			client.CloseWithError(ErrLost)
			client.w.CloseWithError(ErrLost)
			server.Close()
			cancel()
		case <-ctx.Done():
		}
	}()
	go func() {
		defer cancel()
		defer server.Close()
		transport.Serve(ctx, server, request, c.to.For(Peer{Key: c.key}))
	}()
	return client, nil
}

// team is an office that serves, and the copies of its people, all at the same
// commit.
type team struct {
	net              *wires
	dir              string
	office, ann, ben *user
	top, a, b        *Repo
}

const officeAt = "office:7472"

func newTeam(t testing.TB) *team {
	t.Helper()
	x := &team{net: newWires(t), dir: t.TempDir(), office: newUser(t, "office"), ann: newUser(t, "ann"), ben: newUser(t, "ben")}
	x.net.join(x.office, x.ann, x.ben)
	x.top = x.office.init(filepath.Join(x.dir, "office"), "eng1")
	x.office.admit(x.top, roster.Full, x.ann, x.ben)
	write(t, x.top, "memo.txt", "one\ntwo\nthree\nfour\nfive\n")
	commit(t, x.top, "base")
	x.net.serve(x.office, officeAt, x.top.Root(), HostOptions{})
	x.a = x.clone(x.ann, officeAt)
	x.b = x.clone(x.ben, officeAt)
	return x
}

// clone makes a copy from an address of the network.
func (x *team) clone(u *user, at string) *Repo {
	x.net.t.Helper()
	src, err := ParseSource("ssh://" + at + "/eng1")
	if err != nil {
		x.net.t.Fatal(err)
	}
	r, _, err := Clone(context.Background(), u.env, src, filepath.Join(x.dir, u.env.Author.Name), CloneOptions{})
	if err != nil {
		x.net.t.Fatal(err)
	}
	x.net.t.Cleanup(func() { r.Close() })
	return r
}

func tip(r *Repo) objects.ID { return idOf(r.state().Get(headName(r.Line()))) }
