package roster

import (
	"slices"
	"strings"
	"time"
)

// Member finds who has a key, nil when nobody has. Whoever was revoked is found as well.
func (s *Settings) Member(key Key) *Member {
	return find(s.Members, func(m *Member) bool { return m.Key == key && !key.IsZero() })
}

// ByName finds a member by his name, in any letter case.
func (s *Settings) ByName(name string) *Member {
	return find(s.Members, func(m *Member) bool { return strings.EqualFold(m.Name, name) })
}

// ByHostKey finds whose device shows a host key.
func (s *Settings) ByHostKey(key Key) *Member {
	return find(s.Members, func(m *Member) bool { return m.HostKey == key && !key.IsZero() })
}

// LevelOf is what a key may do at a time: None when it is nobody's, revoked or expired.
func (s *Settings) LevelOf(key Key, now time.Time) Level { return s.Member(key).LevelAt(now) }

// LevelAt is what a member may do at a time. It may be asked of nil.
func (m *Member) LevelAt(now time.Time) Level {
	if m == nil || !m.Revoked.IsZero() || !m.Expires.IsZero() && !now.Before(m.Expires) {
		return None
	}
	return m.Level
}

// CanInviteAt tells whether he may take newcomers up at that time.
func (m *Member) CanInviteAt(now time.Time) bool {
	l := m.LevelAt(now)
	return l == Admin || l >= Read && m.MayInvite
}

func find(members []Member, is func(*Member) bool) *Member {
	i := slices.IndexFunc(members, func(m Member) bool { return is(&m) })
	if i < 0 {
		return nil
	}
	return &members[i]
}

// SameAuthor tells whether two texts "Name <mail>" mean the same person: the same address, or the same text, whatever the
// letter case and spaces.
func SameAuthor(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = plain(a), plain(b)
	return a == b || mailOf(a) != "" && mailOf(a) == mailOf(b)
}

func plain(author string) string { return strings.ToLower(strings.Join(strings.Fields(author), " ")) }

func mailOf(author string) string {
	_, mail, ok := strings.Cut(author, "<")
	if !ok {
		return ""
	}
	return strings.TrimSpace(strings.TrimSuffix(mail, ">"))
}
