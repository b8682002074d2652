package roster

import (
	"fmt"

	"github.com/esync/esync/objects"
)

// Judge tells which commits of content count: those that a member made who might, under settings not older than those of
// the commits it stands on. What it lets pass once, it lets pass ever after, however the chain grows: work that a member made
// before he was put out stays valid, whoever carries it, and nothing of his can stand on a commit that knew of it.
//
// It may be used from many goroutines.
type Judge struct {
	Chain *Chain
	// Admissions are those that are known, of every inviter.
	Admissions []*Admissions
}

// Commit checks one commit by itself and gives the position of the settings that its maker knew. It must not be less than
// that of any parent, which the caller compares: see ErrOlder. The error is ErrForged.
func (j *Judge) Commit(c *objects.Commit) (uint64, error) {
	key, err := SignerOf(c)
	if err != nil {
		return 0, err
	}
	position, err := j.Version(c)
	if err != nil {
		return 0, err
	}
	if len(c.Parents) == 0 {
		if text, _ := c.Header(HeaderEngagement); text != j.Chain.Engagement().String() {
			return 0, fmt.Errorf("%w: a first commit of another engagement", ErrForged)
		}
	}
	if err := j.writer(c, key, position); err != nil {
		return 0, err
	}
	return position, j.author(c, key, position)
}

// Version gives the position of the settings that the maker of a commit of content knew. The error is ErrForged when it
// names none of this engagement, or is no content.
func (j *Judge) Version(c *objects.Commit) (uint64, error) {
	if IsMeta(c) {
		return 0, fmt.Errorf("%w: part of the settings where content should be", ErrForged)
	}
	return knownVersion(j.Chain, c)
}

func (j *Judge) writer(c *objects.Commit, key Key, position uint64) error {
	ok, err := j.Chain.CouldWrite(key, position, c.When)
	if err != nil || ok || couldWrite(j.Admissions, key) {
		return err
	}
	who := key.Fingerprint()
	if s, err := j.Chain.Settings(); err == nil {
		if m := s.Member(key); m != nil {
			who = fmt.Sprintf("%q", m.Name)
		}
	}
	return fmt.Errorf("%w: signed by %s, who may not change anything", ErrForged, who)
}

// author refuses a commit in the name of another member.
func (j *Judge) author(c *objects.Commit, key Key, position uint64) error {
	author := c.Author.String()
	s, err := j.Chain.settingsAt(position)
	if err != nil {
		return err
	}
	other := s.OtherAuthor(key, author)
	if other == nil {
		return nil
	}
	same := func(m *Member) bool { return SameAuthor(m.Author, author) }
	if own, err := j.Chain.any(key, position, same); err != nil || own {
		return err
	}
	for _, a := range j.Admissions {
		if find(a.Members, func(m *Member) bool { return m.Key == key && same(m) }) != nil {
			return nil
		}
	}
	return fmt.Errorf("%w: its author is %q, who is the member %q, and it is signed by another key", ErrForged, clip(author), other.Name)
}

// OtherAuthor finds the member on record as the author of that text, unless it is the holder of the key himself.
func (s *Settings) OtherAuthor(key Key, author string) *Member {
	same := func(m *Member) bool { return SameAuthor(m.Author, author) }
	if own := s.Member(key); own != nil && same(own) {
		return nil
	}
	return find(s.Members, func(m *Member) bool { return m.Key != key && same(m) })
}
