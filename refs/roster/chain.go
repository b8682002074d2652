package roster

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/esync/esync/objects"
)

// Chain is the settings of an engagement with all their versions, as far as they are needed: what lies further back is read
// when it is asked for. It never changes but for that, and may be used from many goroutines.
type Chain struct {
	src        Getter
	engagement objects.ID

	mu sync.Mutex
	// versions are those that are known, newest first, without a gap.
	versions []*version
	at       map[objects.ID]int
}

// version is one link. Its position counts from 1, as the generation of its commit does.
type version struct {
	id       objects.ID
	commit   *objects.Commit
	settings *Settings // nil until asked for
	members  map[Key]*Member
}

// Trust opens the chain that ends with tip, which was verified when this copy took it over.
func Trust(src Getter, engagement, tip objects.ID) (*Chain, error) {
	c := &Chain{src: src, engagement: engagement, at: map[objects.ID]int{}}
	commit, err := getCommit(src, tip, metaSettings)
	if err != nil {
		return nil, fmt.Errorf("read settings %s: %w", tip.Short(), err)
	}
	c.add(&version{id: tip, commit: commit})
	return c, nil
}

// Load reads the chain that ends with tip and verifies all of it, down to the first version, whose ID is the engagement's.
// The error is ErrForged when anything is not as it should be.
func Load(src Getter, engagement, tip objects.ID) (*Chain, error) {
	return (&Chain{src: src, engagement: engagement}).Extend(src, tip)
}

// Root gives the first version of the chain that ends with tip, and so the engagement that it claims to be of. Nothing is
// verified.
func Root(src Getter, tip objects.ID) (objects.ID, error) {
	for {
		c, err := getCommit(src, tip, metaSettings)
		if err != nil {
			return objects.ID{}, fmt.Errorf("settings %s: %w", tip.Short(), forged(err))
		}
		if len(c.Parents) == 0 {
			return tip, nil
		}
		tip = c.Parents[0]
	}
}

// Extend gives the chain that ends with tip, after verifying what it has more than c. It is c itself when c has it already.
// The error is ErrFork when tip does not follow c, ErrForged when it was not made by who may. src has both.
func (c *Chain) Extend(src Getter, tip objects.ID) (*Chain, error) {
	if _, known, err := c.Position(tip); err != nil || known {
		return c, err
	}
	next := &Chain{src: src, engagement: c.engagement, at: map[objects.ID]int{}}
	stands := c.Tip()
	for id := tip; ; {
		commit, err := getCommit(src, id, metaSettings)
		if err != nil {
			return nil, fmt.Errorf("settings %s: %w", id.Short(), forged(err))
		}
		if commit.Generation <= c.Len() {
			return nil, fmt.Errorf("%w: version %d is %s here and %s there", ErrFork, c.Len(), stands.Short(), id.Short())
		}
		next.add(&version{id: id, commit: commit})
		if len(commit.Parents) == 0 {
			if id != c.engagement {
				return nil, fmt.Errorf("%w: settings %s begin another engagement", ErrForged, tip.Short())
			}
			break
		}
		if id = commit.Parents[0]; id == stands {
			break
		}
	}
	if err := next.verify(c); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.versions {
		next.add(v)
	}
	return next, nil
}

// verify checks the versions that next has and c, which ends before them, has not.
func (c *Chain) verify(before *Chain) error {
	var last *Settings
	var at uint64
	if len(before.versions) > 0 {
		s, err := before.Settings()
		if err != nil {
			return err
		}
		last, at = s, before.Len()
	}
	for i := len(c.versions) - 1; i >= 0; i-- {
		v := c.versions[i]
		err := c.link(v, last, at+1)
		if err != nil {
			return fmt.Errorf("settings %s: %w", v.id.Short(), forged(err))
		}
		last, at = v.settings, at+1
	}
	return nil
}

// link checks one version against the one before.
func (c *Chain) link(v *version, before *Settings, position uint64) error {
	if v.commit.Generation != position {
		return fmt.Errorf("%w: generation %d at place %d", ErrForged, v.commit.Generation, position)
	}
	by, err := SignerOf(v.commit)
	if err != nil {
		return err
	}
	if err := c.read(v); err != nil {
		return err
	}
	return CheckChange(before, v.settings, by, v.commit.When)
}

// forged adds ErrForged to errors that mean that somebody made what he may not.
func forged(err error) error {
	for _, is := range []error{ErrMalformed, ErrNotAdmin, ErrChange, objects.ErrMalformed} {
		if errors.Is(err, is) {
			return fmt.Errorf("%w: %w", ErrForged, err)
		}
	}
	return err
}

func (c *Chain) add(v *version) {
	c.at[v.id] = len(c.versions)
	c.versions = append(c.versions, v)
}

// read decodes the settings of a version.
func (c *Chain) read(v *version) error {
	if v.settings != nil {
		return nil
	}
	b, err := getFile(c.src, v.commit, settingsFile)
	if err != nil {
		return err
	}
	s, err := Decode(b)
	if err != nil {
		return err
	}
	v.members = make(map[Key]*Member, len(s.Members))
	for i := range s.Members {
		v.members[s.Members[i].Key] = &s.Members[i]
	}
	v.settings = s
	return nil
}

// Len is the number of versions, which is the position of the last one.
func (c *Chain) Len() uint64 {
	if len(c.versions) == 0 {
		return 0
	}
	return c.versions[0].commit.Generation // the first never changes
}

// Tip is the ID of the last version, zero when there is none.
func (c *Chain) Tip() objects.ID {
	if len(c.versions) == 0 {
		return objects.ID{}
	}
	return c.versions[0].id
}

// Engagement is the ID of the first version.
func (c *Chain) Engagement() objects.ID { return c.engagement }

// Settings are those of the last version. The caller does not change them.
func (c *Chain) Settings() (*Settings, error) { return c.settingsAt(c.Len()) }

// Position tells the place of a version, counting from 1, and whether it is in the chain at all.
func (c *Chain) Position(id objects.ID) (uint64, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.versions) > 0 {
		if i, ok := c.at[id]; ok {
			return c.versions[i].commit.Generation, true, nil
		}
		if more, err := c.back(); !more {
			return 0, false, err
		}
	}
	return 0, false, nil
}

// back reads the version before the oldest one that is known, and tells whether there was one.
func (c *Chain) back() (bool, error) {
	oldest := c.versions[len(c.versions)-1]
	if len(oldest.commit.Parents) == 0 {
		return false, nil
	}
	id := oldest.commit.Parents[0]
	commit, err := getCommit(c.src, id, metaSettings)
	if err != nil {
		return false, fmt.Errorf("read settings %s: %w", id.Short(), err)
	}
	c.add(&version{id: id, commit: commit})
	return true, nil
}

// settingsAt gives the settings at a position, which is between 1 and Len.
func (c *Chain) settingsAt(position uint64) (*Settings, error) {
	v, err := c.version(position)
	if err != nil {
		return nil, err
	}
	return v.settings, nil
}

func (c *Chain) version(position uint64) (*version, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := int(c.Len() - position)
	for i >= len(c.versions) {
		if more, err := c.back(); !more {
			return nil, errors.Join(err, fmt.Errorf("%w: version %d of the settings is missing", ErrMalformed, position))
		}
	}
	v := c.versions[i]
	if err := c.read(v); err != nil {
		return nil, fmt.Errorf("read settings %s: %w", v.id.Short(), err)
	}
	return v, nil
}

// Discoveries gives the different discovery keys of the last n versions, the present one first.
func (c *Chain) Discoveries(n int) ([]Secret, error) {
	var keys []Secret
	for position := c.Len(); position > 0 && n > 0; position, n = position-1, n-1 {
		s, err := c.settingsAt(position)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(keys, s.Discovery) {
			keys = append(keys, s.Discovery)
		}
	}
	return keys, nil
}

// any tells whether some version, from a position to the last one, has a member with that key for whom is is true. The last
// ones are asked first.
func (c *Chain) any(key Key, from uint64, is func(*Member) bool) (bool, error) {
	for position := c.Len(); position >= max(from, 1); position-- {
		v, err := c.version(position)
		if err != nil {
			return false, err
		}
		if m := v.members[key]; m != nil && is(m) {
			return true, nil
		}
	}
	return false, nil
}

// CouldWrite tells whether the holder of a key might make commits at that time by some version from a position to the last.
func (c *Chain) CouldWrite(key Key, from uint64, when time.Time) (bool, error) {
	return c.any(key, from, func(m *Member) bool { return m.LevelAt(when) >= Full })
}
