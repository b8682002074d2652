package roster

import (
	"fmt"
	"slices"
	"time"

	"github.com/esync/esync/objects"
)

// MaxAdmission is how long somebody who was taken up in the field is a member before an admin has to confirm it.
const MaxAdmission = 7 * 24 * time.Hour

// clockSkew is how wrong the clocks of two colleagues may be against each other.
const clockSkew = 24 * time.Hour

// Admissions are the newcomers that one member took up who may invite but is no admin: one version of them, with the chain
// it stands in. The name of the chain ends with the Tag of his key.
type Admissions struct {
	Format int `json:"format"`
	// Members are those he took up, ascending by name. The list only grows; what may change of an entry is that it is
	// revoked.
	Members []Member `json:"members"`

	by       Key
	tip      objects.ID
	length   uint64
	position uint64 // of the settings that its maker knew

	more extra
}

// By is the key of the inviter, zero in admissions that are not stored yet.
func (a *Admissions) By() Key { return a.by }

// Tip is the commit of this version and Len its place, counting from 1.
func (a *Admissions) Tip() objects.ID { return a.tip }

// Len is the number of versions up to this one.
func (a *Admissions) Len() uint64 { return a.length }

// Clone gives admissions that may be changed without a changing: the next version, to be stored.
func (a *Admissions) Clone() *Admissions {
	return &Admissions{Format: a.Format, Members: slices.Clone(a.Members), more: a.more}
}

// Encode gives admissions.json.
func (a *Admissions) Encode() ([]byte, error) {
	c := *a
	c.Format = Format
	c.Members = slices.Clone(a.Members)
	if c.Members == nil {
		c.Members = []Member{}
	}
	slices.SortStableFunc(c.Members, byName)
	if err := checkMembers(c.Members); err != nil {
		return nil, err
	}
	return encodeFile(&c)
}

// DecodeAdmissions reads admissions.json.
func DecodeAdmissions(b []byte) (*Admissions, error) {
	a := &Admissions{}
	if err := decodeFile(b, a); err != nil {
		return nil, fmt.Errorf("admissions: %w", err)
	}
	if a.Format < 1 {
		return nil, fmt.Errorf("admissions: %w: format %d", ErrMalformed, a.Format)
	}
	if err := checkMembers(a.Members); err != nil {
		return nil, fmt.Errorf("admissions: %w", err)
	}
	return a, nil
}

// MarshalJSON implements json.Marshaler.
func (a Admissions) MarshalJSON() ([]byte, error) {
	type plain Admissions
	return a.more.join(plain(a))
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Admissions) UnmarshalJSON(b []byte) error {
	type plain Admissions
	return a.more.split(b, (*plain)(a))
}

// LoadAdmissions reads the chain of admissions that ends with tip, whose name ends with tag, and verifies what is behind
// known, which may be nil. It gives known back when that has tip already. Errors are ErrFork and ErrForged as those of
// Chain.Extend.
func LoadAdmissions(src Getter, chain *Chain, tag string, known *Admissions, tip objects.ID) (*Admissions, error) {
	if known == nil {
		known = &Admissions{}
	}
	type link struct {
		id     objects.ID
		commit *objects.Commit
	}
	var links []link
	for id := tip; id != known.tip; {
		commit, err := getCommit(src, id, metaAdmissions)
		if err != nil {
			return nil, fmt.Errorf("admissions %s: %w", id.Short(), forged(err))
		}
		if commit.Generation <= known.length {
			return known.older(src, id, commit)
		}
		links = append(links, link{id, commit})
		if len(commit.Parents) == 0 {
			if known.length > 0 {
				return nil, fmt.Errorf("admissions %s: %w", tip.Short(), ErrFork)
			}
			break
		}
		id = commit.Parents[0]
	}
	last := known
	for _, l := range slices.Backward(links) {
		next, err := last.follow(src, chain, tag, l.id, l.commit)
		if err != nil {
			return nil, fmt.Errorf("admissions %s: %w", l.id.Short(), forged(err))
		}
		last = next
	}
	return last, nil
}

// older tells whether a commit that lies before the end of a is a version of it, or one beside it.
func (a *Admissions) older(src Getter, id objects.ID, commit *objects.Commit) (*Admissions, error) {
	for at := a.tip; !at.IsZero(); {
		if at == id {
			return a, nil
		}
		c, err := getCommit(src, at, metaAdmissions)
		if err != nil {
			return nil, err
		}
		if c.Generation <= commit.Generation || len(c.Parents) == 0 {
			break
		}
		at = c.Parents[0]
	}
	return nil, fmt.Errorf("admissions %s: %w", id.Short(), ErrFork)
}

// follow checks one version against the one before, a.
func (a *Admissions) follow(src Getter, chain *Chain, tag string, id objects.ID, commit *objects.Commit) (*Admissions, error) {
	by, err := SignerOf(commit)
	if err != nil {
		return nil, err
	}
	if by.Tag() != tag || !a.by.IsZero() && by != a.by {
		return nil, fmt.Errorf("%w: the inviter %s does not own the name %s", ErrForged, by.Fingerprint(), tag)
	}
	if commit.Generation != a.length+1 {
		return nil, fmt.Errorf("%w: generation %d at place %d", ErrForged, commit.Generation, a.length+1)
	}
	position, err := knownVersion(chain, commit)
	if err != nil {
		return nil, err
	}
	if position < a.position {
		return nil, fmt.Errorf("%w: made by older settings than the version before", ErrForged)
	}
	b, err := getFile(src, commit, admissionsFile)
	if err != nil {
		return nil, err
	}
	next, err := DecodeAdmissions(b)
	if err != nil {
		return nil, err
	}
	next.by, next.tip, next.length, next.position = by, id, commit.Generation, position
	return next, next.checkAfter(a, chain, commit.When)
}

// knownVersion gives the position of the settings that the maker of a commit knew.
func knownVersion(chain *Chain, commit *objects.Commit) (uint64, error) {
	text, _ := commit.Header(HeaderSettings)
	id, err := objects.ParseID(text)
	if err != nil {
		return 0, fmt.Errorf("%w: it does not say which settings its maker knew", ErrForged)
	}
	position, ok, err := chain.Position(id)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, fmt.Errorf("%w: made under settings %s, which are not this engagement's", ErrForged, id.Short())
	}
	return position, nil
}

// checkAfter holds that what is new in a, compared with before, is something that its maker may do.
func (a *Admissions) checkAfter(before *Admissions, chain *Chain, when time.Time) error {
	for i := range before.Members {
		old := &before.Members[i]
		m := find(a.Members, func(m *Member) bool { return m.Key == old.Key })
		if m == nil || m.Name != old.Name || m.Level != old.Level || !m.Expires.Equal(old.Expires) {
			return fmt.Errorf("%w: the admission of %q was changed", ErrForged, old.Name)
		}
	}
	for i := range a.Members {
		m := &a.Members[i]
		if find(before.Members, func(old *Member) bool { return old.Key == m.Key }) != nil {
			continue
		}
		if err := a.checkNew(m, chain, when); err != nil {
			return err
		}
	}
	return nil
}

func (a *Admissions) checkNew(m *Member, chain *Chain, when time.Time) error {
	switch {
	case m.MayInvite:
		return fmt.Errorf("%w: %q may not be let invite others", ErrForged, m.Name)
	case m.Expires.IsZero() || m.Expires.After(when.Add(MaxAdmission)):
		return fmt.Errorf("%w: %q is taken up for more than 7 days", ErrForged, m.Name)
	case m.Level > Full:
		return fmt.Errorf("%w: %q is taken up at level %v", ErrForged, m.Name, m.Level)
	}
	ok, err := chain.any(a.by, a.position, func(by *Member) bool { return by.CanInviteAt(when) && by.LevelAt(when) >= m.Level })
	if err == nil && !ok {
		err = fmt.Errorf("%w: its maker may not take up %q at level %v", ErrForged, m.Name, m.Level)
	}
	return err
}

// Roster is who is a member: the settings and what admissions add.
type Roster struct {
	Settings *Settings
	// Admissions are one of each inviter.
	Admissions []*Admissions
}

// LevelOf is what a key may do now. A member by admission has at most the level of his inviter, as long as that one may
// still invite; whoever is in the settings is judged by them alone.
func (r *Roster) LevelOf(key Key, now time.Time) Level {
	m, by := r.Member(key)
	if m == nil || by == nil {
		return m.LevelAt(now)
	}
	if !by.CanInviteAt(now) || m.Expires.IsZero() || m.Expires.After(now.Add(MaxAdmission+clockSkew)) {
		return None
	}
	return min(m.LevelAt(now), by.LevelAt(now), Full)
}

// Member finds who has a key, and the inviter of one who is in no settings yet.
func (r *Roster) Member(key Key) (m, by *Member) {
	if m := r.Settings.Member(key); m != nil {
		return m, nil
	}
	for _, a := range r.Admissions {
		if m := find(a.Members, func(m *Member) bool { return m.Key == key && !key.IsZero() }); m != nil {
			if by := r.Settings.Member(a.by); by != nil {
				return m, by
			}
		}
	}
	return nil, nil
}

// ByHostKey finds whose device shows a host key, among all members that are in at this time.
func (r *Roster) ByHostKey(host Key, now time.Time) *Member {
	if host.IsZero() {
		return nil
	}
	for m := range r.All() {
		if m.HostKey == host && r.LevelOf(m.Key, now) > None {
			return m
		}
	}
	return nil
}

// All gives every member: those of the settings, and those by admission whom the settings don't know.
func (r *Roster) All() func(yield func(m, by *Member) bool) {
	return func(yield func(m, by *Member) bool) {
		for i := range r.Settings.Members {
			if !yield(&r.Settings.Members[i], nil) {
				return
			}
		}
		seen := map[Key]bool{}
		for _, a := range r.Admissions {
			by := r.Settings.Member(a.by)
			for i := range a.Members {
				m := &a.Members[i]
				if by == nil || seen[m.Key] || r.Settings.Member(m.Key) != nil {
					continue
				}
				seen[m.Key] = true
				if !yield(m, by) {
					return
				}
			}
		}
	}
}

// couldWrite tells whether some admission, whatever became of it, let the holder of a key make commits.
func couldWrite(admissions []*Admissions, key Key) bool {
	return slices.ContainsFunc(admissions, func(a *Admissions) bool {
		return find(a.Members, func(m *Member) bool { return m.Key == key && m.Level >= Full }) != nil
	})
}
