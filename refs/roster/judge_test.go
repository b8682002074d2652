package roster_test

import (
	"errors"
	"testing"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

// TestJudge is the rule for commits of content, case by case.
func TestJudge(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	s := office(t)
	first := b.settings(1, s)
	s2, second := b.change(1, s, first, func(s *roster.Settings) { // the reader may write from now on
		s.ByName("reviewer").Level, s.ByName("reviewer").Expires = roster.Full, time.Time{}
	})
	_, third := b.change(1, s2, second, func(s *roster.Settings) { // and the lead not any more
		s.ByName("lead").Level, s.ByName("lead").Revoked = roster.None, b.now
	})
	beside := b.settings(1, s, first)
	judge := roster.Judge{Chain: b.load(first, third)}
	made := func(by byte, version objects.ID, edit func(*objects.Commit)) *objects.Commit {
		c := b.commit()
		c.Author = objects.Person{Name: "Somebody"}
		c.Headers = []objects.Header{{Key: "engagement", Value: first.String()}, {Key: "settings", Value: version.String()}}
		if edit != nil {
			edit(&c)
		}
		if err := roster.Sign(&c, signer(by)); err != nil {
			t.Fatal(err)
		}
		return &c
	}
	author := func(name, mail string) func(*objects.Commit) {
		return func(c *objects.Commit) { c.Author = objects.Person{Name: name, Mail: mail} }
	}
	spoilt := made(1, first, nil)
	spoilt.Message = "other"
	unsigned := made(1, first, nil)
	unsigned.Signature = nil
	stolen := made(1, first, nil)
	stolen.Signature = made(1, second, nil).Signature
	forFile := made(1, first, nil)
	forFile.Signature, _ = signer(1).Sign("file", forFile.Payload())
	for name, c := range map[string]struct {
		commit *objects.Commit
		good   bool
	}{
		"by the admin":                          {made(1, first, nil), true},
		"by the lead, before he was revoked":    {made(2, first, nil), true},
		"by the lead, who knows":                {made(2, third, nil), false},
		"by the reader, under the old settings": {made(3, first, nil), true}, // he may now
		"by the reader, who may write now":      {made(3, third, nil), true},
		"by one revoked from the start":         {made(4, first, nil), false},
		"by a stranger":                         {made(9, first, nil), false},
		"under a fork":                          {made(1, beside, nil), false},
		"under no settings":                     {made(1, first, func(c *objects.Commit) { c.Headers = c.Headers[:1] }), false},
		"under nonsense":                        {made(1, first, func(c *objects.Commit) { c.Headers[1].Value = "x" }), false},
		"of another engagement":                 {made(1, first, func(c *objects.Commit) { c.Headers[0].Value = second.String() }), false},
		"of no engagement":                      {made(1, first, func(c *objects.Commit) { c.Headers = c.Headers[1:] }), false},
		"that says it is settings": {made(1, first, func(c *objects.Commit) {
			c.Headers = []objects.Header{c.Headers[0], {Key: "meta", Value: "settings"}, c.Headers[1]}
		}), false},
		"changed after signing":                   {spoilt, false},
		"not signed":                              {unsigned, false},
		"with the signature of another":           {stolen, false},
		"signed for another purpose":              {forFile, false},
		"in his own name":                         {made(2, first, author("Lee Lead", "lee@firm.example")), true},
		"in his own name, otherwise written":      {made(2, first, author("LEE", "Lee@Firm.example")), true},
		"in another member's name":                {made(2, first, author("Office", "office@firm.example")), false},
		"with another member's address":           {made(2, first, author("Lee Lead", "OFFICE@firm.example")), false},
		"in the name of one who was revoked":      {made(1, third, author("Lee Lead", "lee@firm.example")), false},
		"in a name that nobody has put on record": {made(2, first, author("Temp", "temp@firm.example")), true},
	} {
		_, err := judge.Commit(c.commit)
		if c.good && err != nil || !c.good && !errors.Is(err, roster.ErrForged) {
			t.Errorf("a commit %s: %v", name, err)
		}
	}
	if at, err := judge.Commit(made(1, second, nil)); err != nil || at != 2 {
		t.Errorf("made under version %d, %v", at, err)
	}
}
