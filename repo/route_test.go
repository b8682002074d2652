package repo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// door is how one address behaves in a test.
type door struct {
	after time.Duration
	err   error // nil: it opens
	never bool  // it stays silent until nobody waits any more
}

// doors is a Connector made of them; an address without one is silent.
type doors map[string]door

func (d doors) Connect(ctx context.Context, s Source, how How) (Connection, error) {
	at := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	if how.Via != "" {
		at = how.Via + " " + at
	}
	door, ok := d[at]
	wait := door.after
	if !ok || door.never {
		wait = 15 * time.Second
		if how.Patience > 0 {
			wait = how.Patience
		}
		door.err = fmt.Errorf("%s is silent: %w", at, ErrUnreachable)
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if door.err != nil {
		return nil, door.err
	}
	key := ""
	if len(how.HostKeys) > 0 {
		key = how.HostKeys[0]
	}
	return opened{key}, nil
}

// opened is a Connection that nobody talks over.
type opened struct{ key string }

func (opened) Open(context.Context, []byte) (transport.Stream, error) {
	return nil, errors.New("nobody there")
}
func (opened) Close() error      { return nil }
func (o opened) HostKey() string { return o.key }

// crowd is a Finder: who answers when.
type crowd []struct {
	after time.Duration
	found Found
}

func (c crowd) Find(ctx context.Context, _ [32]byte, found func(Found)) error {
	began := time.Now()
	for _, one := range c {
		select {
		case <-time.After(one.after - time.Since(began)):
			found(one.found)
		case <-ctx.Done():
			return nil
		}
	}
	<-ctx.Done()
	return nil
}

func testKey(n byte) roster.Key {
	seed := make([]byte, 32)
	seed[0] = n
	key, err := roster.ParseKey(sshsig.FromSeed(seed).Public())
	if err != nil {
		panic(err)
	}
	return key
}

var errNoListener = fmt.Errorf("connection refused: %w", ErrUnreachable)

// theField is a copy at a client's: its parent is the office, the lead and Ben
// are colleagues, Rita reviews.
func theField(t *testing.T) *atlas {
	t.Helper()
	office, err := ParseSource("ssh://office:7472/eng1")
	if err != nil {
		t.Fatal(err)
	}
	member := func(n byte, name string, level roster.Level, addresses ...string) roster.Member {
		return roster.Member{Name: name, Key: testKey(n), HostKey: testKey(n + 100), Level: level, Addresses: addresses}
	}
	return &atlas{
		parent: "parent", book: &book{},
		named: []namedSource{{"parent", office, pin{testKey(101).String(), "office"}}},
		circle: circle{
			name: "eng1", id: objects.ID{7}, discovery: func() [][32]byte { return [][32]byte{{7}} }, self: testKey(9), selfHost: testKey(109),
			members: []roster.Member{
				member(1, "office", roster.Admin), member(2, "lead", roster.Full), member(3, "Ben", roster.Full), member(4, "rita", roster.Read),
			},
		},
	}
}

func lan(n byte, addr string) Found { return Found{Key: testKey(n), Addr: addr} }

// TestSearch plays one search a case and wants to hear who was taken, what the
// user is told, and how long it took.
func TestSearch(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		typed  string
		change func(*atlas)
		doors  doors
		crowd  crowd
		need   transport.Level
		want   string // how the way is called
		told   string
		took   time.Duration
		err    error
		text   string // part of the error
	}{
		{
			name: "the parent answers", doors: doors{"office:7472": {after: 40 * time.Millisecond}},
			crowd: crowd{{0, lan(2, "10.0.0.5:7472")}}, want: `"parent" (office)`, took: 40 * time.Millisecond,
		},
		{
			name: "the parent is slow, and nobody else is there", doors: doors{"office:7472": {after: 9 * time.Second}},
			want: `"parent" (office)`, took: 9 * time.Second,
		},
		{
			name: "the parent is slow, but not too slow", doors: doors{"office:7472": {after: 2 * time.Second}, "10.0.0.5:7472": {}},
			crowd: crowd{{0, lan(2, "10.0.0.5:7472")}}, want: `"parent" (office)`, took: 2 * time.Second,
		},
		{
			name: "the parent is silent and the lead is found", doors: doors{"10.0.0.5:7472": {after: 5 * time.Millisecond}},
			crowd: crowd{{time.Millisecond, lan(2, "10.0.0.5:7472")}},
			want:  `"lead" (found on the LAN at 10.0.0.5)`, took: 3005 * time.Millisecond,
			told: `"parent" (office) is out of reach; "lead" (found on the LAN at 10.0.0.5) stands in`,
		},
		{
			name: "the parent was silent a minute ago", doors: doors{"10.0.0.5:7472": {}},
			change: func(a *atlas) { a.book.turn("parent").Missed = now.Add(-time.Minute) },
			crowd:  crowd{{0, lan(2, "10.0.0.5:7472")}},
			want:   `"lead" (found on the LAN at 10.0.0.5)`, took: time.Second,
			told: `"parent" (office) is out of reach; "lead" (found on the LAN at 10.0.0.5) stands in`,
		},
		{
			name: "the parent was silent, and was heard of since", doors: doors{"10.0.0.5:7472": {}},
			change: func(a *atlas) {
				a.book.turn("parent").Missed = now.Add(-time.Minute)
				a.book.turn("parent").Heard = now.Add(-time.Second)
			},
			crowd: crowd{{0, lan(2, "10.0.0.5:7472")}},
			want:  `"lead" (found on the LAN at 10.0.0.5)`, took: 3 * time.Second,
			told: `"parent" (office) is out of reach; "lead" (found on the LAN at 10.0.0.5) stands in`,
		},
		{
			name: "the parent refuses connections", doors: doors{"office:7472": {err: errNoListener}, "10.0.0.5:7472": {after: time.Millisecond}},
			crowd: crowd{{2 * time.Millisecond, lan(2, "10.0.0.5:7472")}},
			want:  `"lead" (found on the LAN at 10.0.0.5)`, took: 53 * time.Millisecond,
			told: `"parent" (office) is out of reach; "lead" (found on the LAN at 10.0.0.5) stands in`,
		},
		{
			name: "the parent itself is found elsewhere", doors: doors{"10.0.0.1:7472": {}},
			crowd: crowd{{0, lan(1, "10.0.0.1:7472")}}, want: `"parent" (found on the LAN at 10.0.0.1)`, took: 3 * time.Second,
			told: `"parent" (office) does not answer there; it is found on the LAN at 10.0.0.1`,
		},
		{
			name: "strangers and oneself are passed over", doors: doors{"10.0.0.8:7472": {}, "10.0.0.9:7472": {}, "office:7472": {err: errNoListener}},
			crowd: crowd{{0, lan(8, "10.0.0.8:7472")}, {0, lan(9, "10.0.0.9:7472")}},
			err:   ErrUnreachable, took: 2550 * time.Millisecond, text: "connection refused",
		},
		{
			name: "the one who stood in last is preferred", doors: doors{"10.0.0.5:7472": {}, "10.0.0.6:7472": {}},
			change: func(a *atlas) { a.book.turn("lead").Heard = now.Add(-time.Hour) },
			crowd:  crowd{{0, lan(3, "10.0.0.6:7472")}, {time.Second, lan(2, "10.0.0.5:7472")}},
			want:   `"lead" (found on the LAN at 10.0.0.5)`, took: 3 * time.Second,
			told: `"parent" (office) is out of reach; "lead" (found on the LAN at 10.0.0.5) stands in`,
		},
		{
			name: "one who shows another key is passed over", doors: doors{
				"office:7472": {err: errNoListener}, "10.0.0.5:7472": {err: errors.New("host key has changed")}, "10.0.0.6:7472": {},
			},
			change: func(a *atlas) { a.book.turn("lead").Heard = now.Add(-time.Hour) },
			crowd:  crowd{{0, lan(2, "10.0.0.5:7472")}, {0, lan(3, "10.0.0.6:7472")}},
			want:   `"Ben" (found on the LAN at 10.0.0.6)`, took: 50 * time.Millisecond,
			told: `"parent" (office) is out of reach; "Ben" (found on the LAN at 10.0.0.6) stands in`,
		},
		{
			name: "the parent shows another key", doors: doors{"office:7472": {err: errors.New("host key has changed")}, "10.0.0.5:7472": {}},
			crowd: crowd{{0, lan(2, "10.0.0.5:7472")}}, text: "host key has changed", took: 0,
		},
		{
			name: "where he was before", doors: doors{"10.0.0.7:7000": {after: 10 * time.Millisecond}, "office:7472": {err: errNoListener}},
			change: func(a *atlas) { a.book.turn("lead").Addresses = []string{"10.0.0.6:7000", "10.0.0.7:7000"} },
			want:   `"lead" (last seen at 10.0.0.7)`, took: 10 * time.Millisecond,
			told: `"parent" (office) is out of reach; "lead" (last seen at 10.0.0.7) stands in`,
		},
		{
			name:   "where the settings say",
			doors:  doors{"10.0.0.7:7000": {}, "office:7472": {err: errNoListener}},
			change: func(a *atlas) { a.circle.members[1].Addresses = []string{"10.0.0.7:7000"} },
			want:   `"lead" (last seen at 10.0.0.7)`,
			told:   `"parent" (office) is out of reach; "lead" (last seen at 10.0.0.7) stands in`,
		},
		{
			name: "through a hub, at the second of his ports", doors: doors{
				"office:7472": {err: errNoListener},
				fmt.Sprintf("ssh://hub 127.0.0.1:%d", HubPort([32]byte{7}, testKey(102).String(), 0)): {err: errors.New("host key has changed")},
				fmt.Sprintf("ssh://hub 127.0.0.1:%d", HubPort([32]byte{7}, testKey(102).String(), 1)): {after: 100 * time.Millisecond},
			},
			change: func(a *atlas) { a.via = "ssh://hub" },
			want:   `"lead" (through the hub hub)`, took: 100 * time.Millisecond,
			told: `"parent" (office) is out of reach; "lead" (through the hub hub) stands in`,
		},
		{
			name: "readers are not pushed to", need: transport.LevelFull, doors: doors{"10.0.0.4:7472": {}},
			crowd: crowd{{0, lan(4, "10.0.0.4:7472")}}, err: transport.ErrRefused, took: 15 * time.Second,
			text: `"parent" (office) is out of reach, and "rita" (found on the LAN at 10.0.0.4) can only be read`,
		},
		{
			name: "nor who serves for reading", need: transport.LevelFull, doors: doors{"10.0.0.4:7472": {}, "10.0.0.5:7472": {}},
			crowd: crowd{{0, Found{Key: testKey(2), Addr: "10.0.0.5:7472", ReadOnly: true}}, {0, lan(3, "10.0.0.4:7472")}},
			want:  `"Ben" (found on the LAN at 10.0.0.4)`, took: 3 * time.Second,
			told: `"parent" (office) is out of reach; "Ben" (found on the LAN at 10.0.0.4) stands in`,
		},
		{
			name: "readers are pulled from", doors: doors{"10.0.0.4:7472": {}},
			crowd: crowd{{0, lan(4, "10.0.0.4:7472")}}, want: `"rita" (found on the LAN at 10.0.0.4)`, took: 3 * time.Second,
			told: `"parent" (office) is out of reach; "rita" (found on the LAN at 10.0.0.4) stands in`,
		},
		{
			name: "a member by name", typed: "LEAD", doors: doors{"10.0.0.5:7472": {}, "10.0.0.6:7472": {}},
			crowd: crowd{{0, lan(3, "10.0.0.6:7472")}, {20 * time.Millisecond, lan(2, "10.0.0.5:7472")}},
			want:  `"lead" (found on the LAN at 10.0.0.5)`, took: 20 * time.Millisecond,
		},
		{
			name: "a member who is not there", typed: "lead", doors: doors{"office:7472": {}},
			err: ErrUnreachable, took: 2500 * time.Millisecond, crowd: crowd{{0, lan(3, "10.0.0.6:7472")}},
		},
		{
			name: "another peer with a name", doors: doors{"office:7472": {err: errNoListener}, "branch:22": {after: 200 * time.Millisecond}, "10.0.0.5:7472": {}},
			change: func(a *atlas) {
				s, _ := ParseSource("ssh://branch:22/eng1")
				a.named = append([]namedSource{{name: "branch", source: s}}, a.named...)
			},
			crowd: crowd{{100 * time.Millisecond, lan(2, "10.0.0.5:7472")}},
			want:  `"branch"`, took: 200 * time.Millisecond,
			told: `"parent" (office) is out of reach; "branch" stands in`,
		},
		{name: "nobody of that name", typed: "nobody", err: ErrUnknown},
		{name: "no parent", change: func(a *atlas) { a.parent = "" }, err: ErrNoParent},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := theField(t)
				if c.change != nil {
					c.change(a)
				}
				env := Env{Now: func() time.Time { return now }, Connect: c.doors}
				if c.crowd != nil {
					env.Find = c.crowd
				}
				began := time.Now()
				it, err := a.itinerary(c.typed)
				var p peer
				if err == nil {
					var conn Connection
					if p, conn, err = newSearch(env, a, it, c.need).run(t.Context()); err == nil {
						conn.Close()
					}
				}
				took := time.Since(began)
				if c.err != nil || c.text != "" {
					if err == nil || c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.text) {
						t.Errorf("error %v, want %v with %q", err, c.err, c.text)
					}
				} else if err != nil {
					t.Fatal(err)
				} else if got := p.String(); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				} else if got := it.announce(p); got != c.told {
					t.Errorf("the user is told %s, not %s", got, c.told)
				} else if p.route != RouteParent && p.shown.key == "" && p.name != "branch" {
					t.Error("no host key was asked for")
				}
				if took != c.took {
					t.Errorf("it took %v, not %v", took, c.took)
				}
			})
		})
	}
}

// TestHubPort holds the numbers: both sides work them out, also in copies of
// different age.
func TestHubPort(t *testing.T) {
	t.Parallel()
	key := testKey(1).String()
	got := fmt.Sprint(HubPort([32]byte{1}, key, 0), HubPort([32]byte{1}, key, 1), HubPort([32]byte{2}, key, 0))
	if want := "51122 35404 27629"; got != want {
		t.Errorf("ports %s, want %s", got, want)
	}
}

// TestNameOf: a member's copy has one name here, whichever way it is reached.
func TestNameOf(t *testing.T) {
	t.Parallel()
	a := theField(t)
	branch, _ := ParseSource("ssh://branch:22/eng1")
	a.named = append(a.named, namedSource{name: "Ben", source: branch}, namedSource{"boss", branch, pin{testKey(102).String(), "lead"}})
	a.circle.members = append(a.circle.members, roster.Member{Name: "Ann Lee", Key: testKey(5), HostKey: testKey(105), Level: roster.Full})
	for name, want := range map[string]string{
		"office": "parent", "lead": "boss", "Ben": "member-" + testKey(3).Tag(), "rita": "rita", "Ann Lee": "Ann_Lee",
	} {
		if got := a.nameOf(a.circle.byName(name)); got != want {
			t.Errorf("%s is called %s, not %s", name, got, want)
		}
	}
}
