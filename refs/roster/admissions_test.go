package roster_test

import (
	"errors"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

func TestAdmissionsForged(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := office(t)
	s.ByName("reviewer").MayInvite, s.ByName("reviewer").Expires = true, time.Time{}
	first := b.settings(1, s)
	chain := b.load(first, first)
	newcomer := func(n byte, edit func(*roster.Member)) roster.Member {
		m := roster.Member{Name: "new" + string('a'+rune(n)), Key: key(t, 20+n), Level: roster.Read, Expires: b.now.Add(24 * time.Hour)}
		if edit != nil {
			edit(&m)
		}
		return m
	}
	admit := func(by byte, version objects.ID, parents []objects.ID, members ...roster.Member) objects.ID {
		id, err := roster.PutAdmissions(b.store, b.commit(parents...), &roster.Admissions{Members: members}, version, signer(by))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	load := func(c *roster.Chain, by byte, known *roster.Admissions, tip objects.ID) (*roster.Admissions, error) {
		return roster.LoadAdmissions(b.store, c, key(t, by).Tag(), known, tip)
	}
	one := newcomer(1, func(m *roster.Member) { m.Level = roster.Full })
	tip := admit(2, first, nil, one)
	a, err := load(chain, 2, nil, tip)
	if err != nil || a.By() != key(t, 2) || a.Len() != 1 {
		t.Fatalf("admissions: %+v, %v", a, err)
	}
	two := admit(2, first, []objects.ID{tip}, one, newcomer(2, nil))
	if next, err := load(chain, 2, a, two); err != nil || next.Len() != 2 || len(next.Members) != 2 {
		t.Errorf("the next version: %+v, %v", next, err)
	} else if same, err := load(chain, 2, next, tip); err != nil || same != next {
		t.Errorf("an older version: %v", err)
	}
	all := roster.Roster{Settings: s, Admissions: []*roster.Admissions{a}}
	if got := all.LevelOf(one.Key, b.now); got != roster.Full {
		t.Errorf("level of the newcomer: %v", got)
	}

	mayNot := s.Clone()
	mayNot.ByName("lead").MayInvite = false
	if got := (&roster.Roster{Settings: mayNot, Admissions: all.Admissions}).LevelOf(one.Key, b.now); got != roster.None {
		t.Errorf("level after the inviter lost the right: %v", got)
	}

	// Revoked: what he admitted under older settings is known, and opens nothing.
	after, second := b.change(1, s, first, func(s *roster.Settings) { s.ByName("lead").Level, s.ByName("lead").Revoked = roster.None, b.now })
	revoked := b.load(first, second)
	late := admit(2, second, []objects.ID{tip}, one, newcomer(3, nil))
	old := admit(2, first, []objects.ID{tip}, one, newcomer(3, nil))
	if _, err := load(revoked, 2, a, late); !errors.Is(err, roster.ErrForged) {
		t.Errorf("by one who knows that he is revoked: %v", err)
	}
	backdated, err := load(revoked, 2, a, old)
	if err != nil {
		t.Errorf("by one who does not know: %v", err)
	}
	out := roster.Roster{Settings: after, Admissions: []*roster.Admissions{backdated}}
	for _, k := range []roster.Key{one.Key, key(t, 23)} {
		if got := out.LevelOf(k, b.now); got != roster.None {
			t.Errorf("after the revoke of the inviter: %v", got)
		}
	}

	other := one
	other.Level = roster.Read
	renewed := one
	renewed.Expires = renewed.Expires.Add(time.Hour)
	for name, c := range map[string]struct {
		by   byte
		tip  objects.ID
		want error
	}{
		"above his own level":     {3, admit(3, first, nil, newcomer(4, func(m *roster.Member) { m.Level = roster.Full })), roster.ErrForged},
		"an admin":                {2, admit(2, first, nil, newcomer(4, func(m *roster.Member) { m.Level = roster.Admin })), roster.ErrForged},
		"one who may invite":      {2, admit(2, first, nil, newcomer(4, func(m *roster.Member) { m.MayInvite = true })), roster.ErrForged},
		"for eight days":          {2, admit(2, first, nil, newcomer(4, func(m *roster.Member) { m.Expires = b.now.Add(8 * 24 * time.Hour) })), roster.ErrForged},
		"for ever":                {2, admit(2, first, nil, newcomer(4, func(m *roster.Member) { m.Expires = time.Time{} })), roster.ErrForged},
		"by one who was revoked":  {4, admit(4, first, nil, newcomer(4, nil)), roster.ErrForged},
		"by a stranger":           {9, admit(9, first, nil, newcomer(4, nil)), roster.ErrForged},
		"in another's name":       {2, admit(3, first, nil, newcomer(4, nil)), roster.ErrForged},
		"under strange settings":  {2, admit(2, tip, nil, newcomer(4, nil)), roster.ErrForged},
		"settings for admissions": {2, first, roster.ErrForged},
	} {
		if got, err := load(chain, c.by, nil, c.tip); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		tip  objects.ID
		want error
	}{
		"somebody dropped":   {admit(2, first, []objects.ID{tip}), roster.ErrForged},
		"a level changed":    {admit(2, first, []objects.ID{tip}, other), roster.ErrForged},
		"a time renewed":     {admit(2, first, []objects.ID{tip}, renewed), roster.ErrForged},
		"by somebody else":   {admit(3, first, []objects.ID{tip}, one), roster.ErrForged},
		"two parents":        {admit(2, first, []objects.ID{tip, two}, one), roster.ErrForged},
		"a fork":             {admit(2, first, nil, newcomer(5, nil)), roster.ErrFork},
		"under old settings": {admit(2, first, []objects.ID{admit(2, second, []objects.ID{tip}, one)}, one), roster.ErrForged},
	} {
		if got, err := load(revoked, 2, a, c.tip); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
