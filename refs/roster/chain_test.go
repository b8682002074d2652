package roster_test

import (
	"errors"
	"testing"
	"time"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/mem"
	"github.com/esync/esync/refs/roster"
)

// book writes chains, also such as nobody may.
type book struct {
	t     testing.TB
	store *mem.Store
	now   time.Time
}

func newBook(t testing.TB) *book { return &book{t, mem.New(), start} }

func (b *book) commit(parents ...objects.ID) objects.Commit {
	b.now = b.now.Add(time.Minute)
	c := objects.Commit{Generation: 1, Author: objects.Person{Name: "x"}, When: b.now, Parents: parents}
	for _, p := range parents {
		pc, err := objects.ReadCommit(b.store, p)
		if err != nil {
			b.t.Fatal(err)
		}
		c.Generation = max(c.Generation, pc.Generation+1)
	}
	return c
}

// settings writes a version; by is the number of the signing key.
func (b *book) settings(by byte, s *roster.Settings, parents ...objects.ID) objects.ID {
	b.t.Helper()
	id, err := roster.PutSettings(b.store, b.commit(parents...), s, signer(by))
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// change writes the version that follows, with one thing changed.
func (b *book) change(by byte, before *roster.Settings, parent objects.ID, edit func(*roster.Settings)) (*roster.Settings, objects.ID) {
	b.t.Helper()
	s := before.Clone()
	edit(s)
	return s, b.settings(by, s, parent)
}

func (b *book) load(engagement, tip objects.ID) *roster.Chain {
	b.t.Helper()
	c, err := roster.Load(b.store, engagement, tip)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// put stores a commit as it is.
func (b *book) put(c *objects.Commit) objects.ID {
	b.t.Helper()
	id, err := b.store.Put(objects.KindCommit, c.Encode(), objects.ID{})
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestChain(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := office(t)
	first := b.settings(1, s)
	ids := []objects.ID{first}
	for i := range 5 {
		var id objects.ID
		s, id = b.change(1, s, ids[len(ids)-1], func(s *roster.Settings) {
			if i == 2 { // a second admin, who goes on
				s.ByName("lead").Level = roster.Admin
			}
			s.Hubs = append(s.Hubs, "ssh://another.example.org")
		})
		ids = append(ids, id)
	}
	_, last := b.change(2, s, ids[len(ids)-1], func(s *roster.Settings) { s.ByName("office").Level, s.ByName("office").Revoked = roster.None, start })
	ids = append(ids, last)
	whole := b.load(first, last)
	if whole.Len() != 7 || whole.Tip() != last || whole.Engagement() != first {
		t.Errorf("chain of %d, %s", whole.Len(), whole.Tip())
	}
	trusted, err := roster.Trust(b.store, first, last)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*roster.Chain{whole, trusted} {
		for i, id := range ids {
			if at, ok, err := c.Position(id); err != nil || !ok || at != uint64(i+1) {
				t.Errorf("version %d is at %d, %v, %v", i+1, at, ok, err)
			}
		}
		if _, ok, err := c.Position(objects.ID{1}); ok || err != nil {
			t.Errorf("a strange version: %v, %v", ok, err)
		}
		for _, w := range []struct {
			key  byte
			from uint64
			want bool
		}{{1, 1, true}, {1, 6, true}, {1, 7, false}, {2, 7, true}, {3, 1, false}, {4, 1, false}, {9, 1, false}} {
			if got, err := c.CouldWrite(key(t, w.key), w.from, start); err != nil || got != w.want {
				t.Errorf("key %d could write from %d: %v, %v", w.key, w.from, got, err)
			}
		}
	}
	// From any version on, and back.
	for i, id := range ids {
		c := b.load(first, id)
		next, err := c.Extend(b.store, last)
		if err != nil || next.Len() != 7 {
			t.Errorf("from version %d on: %v", i+1, err)
		}
		if same, err := next.Extend(b.store, id); err != nil || same != next {
			t.Errorf("back to version %d: %v", i+1, err)
		}
	}
	if root, err := roster.Root(b.store, last); err != nil || root != first {
		t.Errorf("root %s, %v", root, err)
	}
}

// TestChainForged: nothing but an admin's next version makes a chain longer.
func TestChainForged(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := office(t)
	first := b.settings(1, s)
	s2, second := b.change(1, s, first, func(s *roster.Settings) { s.Hubs = nil })
	good := b.load(first, second)
	resigned := func(edit func(*objects.Commit), by sshsig.Signer) objects.ID {
		id := b.settings(1, s2, second)
		c, err := objects.ReadCommit(b.store, id)
		if err != nil {
			t.Fatal(err)
		}
		edit(c)
		if by != nil {
			if err := roster.Sign(c, by); err != nil {
				t.Fatal(err)
			}
		}
		return b.put(c)
	}
	promote := func(s *roster.Settings) { s.ByName("lead").Level = roster.Admin }
	_, byLead := b.change(2, s2, second, func(s *roster.Settings) { s.Hubs = []string{"ssh://evil"} })
	_, ownAdmin := b.change(2, s2, second, promote)
	_, byReader := b.change(3, s2, second, promote)
	_, byStranger := b.change(9, s2, second, func(s *roster.Settings) {
		s.Members = append(s.Members, roster.Member{Name: "x", Key: key(t, 9), Level: roster.Admin})
	})
	revoked, third := b.change(1, s2, second, func(s *roster.Settings) {
		s.Members = append(s.Members, roster.Member{Name: "admin2", Key: key(t, 8), Level: roster.Admin})
		s.ByName("office").Level, s.ByName("office").Revoked = roster.None, start
	})
	_, byRevoked := b.change(1, revoked, third, promote)
	_, nonce := b.change(1, s2, second, func(s *roster.Settings) { s.Nonce = roster.Secret{7} })
	_, nobody := b.change(1, s2, second, func(s *roster.Settings) { s.ByName("office").Level = roster.Full })
	expired, fourth := b.change(1, s2, second, func(s *roster.Settings) { // of two admins one whose time is over
		s.Members = append(s.Members, roster.Member{Name: "admin2", Key: key(t, 8), Level: roster.Admin, Expires: b.now.Add(-time.Hour)})
	})
	_, byExpired := b.change(8, expired, fourth, promote)
	other := b.settings(1, office(t), first) // beside second
	_, otherNext := b.change(1, office(t), other, func(s *roster.Settings) { s.Ignore = nil })
	_, longFork := b.change(1, office(t), otherNext, func(s *roster.Settings) { s.Ignore = []string{"a"} })
	unrelated := b.settings(1, s2)
	_, unrelatedNext := b.change(1, s2, unrelated, func(s *roster.Settings) { s.Ignore = nil })
	_, unrelatedLong := b.change(1, s2, unrelatedNext, func(s *roster.Settings) { s.Ignore = []string{"b"} })
	for name, c := range map[string]struct {
		tip  objects.ID
		want error
	}{
		"signed by a member":          {byLead, roster.ErrForged},
		"making oneself admin":        {ownAdmin, roster.ErrForged},
		"signed by a reader":          {byReader, roster.ErrForged},
		"signed by a stranger":        {byStranger, roster.ErrForged},
		"signed by a revoked admin":   {byRevoked, roster.ErrForged},
		"signed by an expired admin":  {byExpired, roster.ErrForged},
		"another nonce":               {nonce, roster.ErrForged},
		"no admin left":               {nobody, roster.ErrForged},
		"two parents":                 {b.settings(1, s2, second, first), roster.ErrForged},
		"not signed":                  {resigned(func(c *objects.Commit) { c.Signature = nil }, nil), roster.ErrForged},
		"signature of another commit": {resigned(func(c *objects.Commit) { c.Message = "x" }, nil), roster.ErrForged},
		"another namespace": {resigned(func(c *objects.Commit) {
			c.Signature, _ = signer(1).Sign("file", c.Payload())
		}, nil), roster.ErrForged},
		"a content commit":    {resigned(func(c *objects.Commit) { c.Headers = nil }, signer(1)), roster.ErrForged},
		"admissions":          {resigned(func(c *objects.Commit) { c.Headers[0].Value = "admissions" }, signer(1)), roster.ErrForged},
		"a wrong generation":  {resigned(func(c *objects.Commit) { c.Generation += 5 }, signer(1)), roster.ErrForged},
		"an empty tree":       {resigned(func(c *objects.Commit) { c.Tree = objects.ID{} }, signer(1)), objects.ErrNotFound},
		"a fork":              {other, roster.ErrFork},
		"a longer fork":       {longFork, roster.ErrFork},
		"another engagement":  {unrelated, roster.ErrFork},
		"a longer other one":  {unrelatedLong, roster.ErrFork},
		"a missing version":   {objects.ID{3}, objects.ErrNotFound},
		"a blob for a commit": {objects.Sum(objects.KindBlob, nil), objects.ErrNotFound},
	} {
		if got, err := good.Extend(b.store, c.tip); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
		if good.Len() != 2 || good.Tip() != second {
			t.Fatalf("%s: the chain at hand has changed", name)
		}
	}
	// A clone that was told the engagement by an invitation.
	for name, tip := range map[string]objects.ID{
		"another engagement": unrelatedNext,
		"first by a member":  b.settings(2, office(t)),
		"first by nobody":    b.settings(9, office(t)),
	} {
		if _, err := roster.Load(b.store, first, tip); !errors.Is(err, roster.ErrForged) {
			t.Errorf("load of %s: %v", name, err)
		}
		if root, err := roster.Root(b.store, tip); err == nil && name != "another engagement" {
			if _, err := roster.Load(b.store, root, tip); !errors.Is(err, roster.ErrForged) {
				t.Errorf("load of %s as itself: %v", name, err)
			}
		}
	}
}
