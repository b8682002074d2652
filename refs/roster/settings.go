package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/esync/esync/objects"
)

// Format is the version of settings.json and admissions.json that this package writes. Readers refuse a greater one; fields
// that they don't know in the same format they keep.
const Format = 1

// Limits of settings and admissions.
const (
	MaxSettings = 1 << 20 // bytes of the file
	MaxMembers  = 4096    // a firm; an engagement has tens
	maxName     = 64      // of a member, in bytes
	maxText     = 1024    // of any other text: an address, a pattern, "Name <mail>"
	maxList     = 1024    // entries of any other list
)

// Settings are what the top-level parent decides for an engagement, one version of them.
type Settings struct {
	Format int `json:"format"`
	// Engagement is its name.
	Engagement string `json:"engagement"`
	// Nonce is random, given once: it makes the first version, and so the ID of the engagement, one of its kind.
	Nonce Secret `json:"nonce"`
	// Discovery is the key by which members find each other on a network. Every revoke renews it.
	Discovery Secret `json:"discovery"`
	// Hubs are places by which copies meet that can't reach each other: ssh:// sources.
	Hubs []string `json:"hubs,omitempty"`
	// Ignore are patterns of files that nobody records, in the language of .esyncignore.
	Ignore []string `json:"ignore,omitempty"`
	// Merge is policy by pattern of path; what the words mean is the business of who merges.
	Merge map[string]string `json:"merge,omitempty"`
	// Members are ascending by name. One who was revoked stays in the list.
	Members []Member `json:"members"`

	more extra
}

// Member is one device of one person.
type Member struct {
	// Name is what members call him, one of a kind whatever the letter case.
	Name string `json:"name"`
	// Key is the device's: it logs in and signs. No two members have the same one.
	Key Key `json:"key"`
	// HostKey is what the device shows when it serves; zero when it never does.
	HostKey Key   `json:"host_key,omitzero"`
	Level   Level `json:"level"`
	// MayInvite lets one who is no admin take newcomers up, see Admissions.
	MayInvite bool `json:"may_invite,omitempty"`
	// Expires, if not zero, is when his level ends.
	Expires time.Time `json:"expires,omitzero"`
	// Revoked, if not zero, is when he was put out.
	Revoked time.Time `json:"revoked,omitzero"`
	// Author is "Name <mail>" as his commits have it.
	Author string `json:"author,omitempty"`
	// Device is what its owner calls it.
	Device string `json:"device,omitempty"`
	// Addresses are where it was last seen to serve, HOST:PORT.
	Addresses []string `json:"addresses,omitempty"`
	// InvitedBy is the key of who took him up, Joined when.
	InvitedBy Key       `json:"invited_by,omitzero"`
	Joined    time.Time `json:"joined,omitzero"`

	more extra
}

// Secret is 32 bytes that stand as hexadecimal digits in JSON.
type Secret [32]byte

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(objects.ID(s).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(b []byte) error {
	id, err := objects.ParseID(string(b))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	*s = Secret(id)
	return nil
}

// Encode gives settings.json: sorted, indented, with what a newer esync put in. The error tells which limit is passed.
func (s *Settings) Encode() ([]byte, error) {
	c := s.Clone()
	c.Format = Format
	c.sort()
	if err := c.check(); err != nil {
		return nil, err
	}
	return encodeFile(c)
}

// Decode reads settings.json.
func Decode(b []byte) (*Settings, error) {
	s := &Settings{}
	if err := decodeFile(b, s); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return s, nil
}

// Clone gives settings that may be changed without s changing.
func (s *Settings) Clone() *Settings {
	c := *s
	c.Hubs, c.Ignore = slices.Clone(s.Hubs), slices.Clone(s.Ignore)
	if s.Merge != nil {
		c.Merge = map[string]string{}
		for k, v := range s.Merge {
			c.Merge[k] = v
		}
	}
	c.Members = slices.Clone(s.Members)
	for i := range c.Members {
		c.Members[i].Addresses = slices.Clone(c.Members[i].Addresses)
	}
	return &c
}

// sort brings what has no order of its own into the one that files have.
func (s *Settings) sort() {
	if s.Members == nil {
		s.Members = []Member{}
	}
	slices.SortStableFunc(s.Members, byName)
}

func byName(a, b Member) int { return cmp.Compare(a.Name, b.Name) }

func (s *Settings) check() error {
	if s.Format < 1 {
		return fmt.Errorf("%w: format %d", ErrMalformed, s.Format)
	}
	if err := objects.CheckName(s.Engagement); err != nil {
		return fmt.Errorf("%w: name of the engagement: %w", ErrMalformed, err)
	}
	if err := checkTexts(append(slices.Clone(s.Hubs), s.Ignore...)...); err != nil {
		return err
	}
	if len(s.Hubs) > maxList || len(s.Ignore) > maxList || len(s.Merge) > maxList {
		return fmt.Errorf("%w: more than %d hubs, patterns or policies", ErrMalformed, maxList)
	}
	for pattern, policy := range s.Merge {
		if err := checkTexts(pattern, policy); err != nil {
			return err
		}
	}
	return checkMembers(s.Members)
}

// checkMembers holds what is true of every list of members.
func checkMembers(members []Member) error {
	if len(members) > MaxMembers {
		return fmt.Errorf("%w: %d members", ErrMalformed, len(members))
	}
	names, keys := map[string]bool{}, map[Key]bool{}
	for i := range members {
		m := &members[i]
		if err := m.check(); err != nil {
			return fmt.Errorf("member %q: %w", clip(m.Name), err)
		}
		fold := strings.ToLower(m.Name)
		switch {
		case i > 0 && byName(members[i-1], *m) >= 0:
			return fmt.Errorf("%w: member %q stands after %q", ErrMalformed, m.Name, members[i-1].Name)
		case names[fold]:
			return fmt.Errorf("%w: two members are called %q", ErrMalformed, m.Name)
		case keys[m.Key]:
			return fmt.Errorf("%w: %q has the key of another member", ErrMalformed, m.Name)
		}
		names[fold], keys[m.Key] = true, true
	}
	return nil
}

func (m *Member) check() error {
	if err := CheckMemberName(m.Name); err != nil {
		return err
	}
	switch {
	case m.Key.IsZero():
		return fmt.Errorf("%w: no key", ErrMalformed)
	case m.Level > Admin:
		return fmt.Errorf("%w: %v", ErrMalformed, m.Level)
	case len(m.Addresses) > maxList:
		return fmt.Errorf("%w: %d addresses", ErrMalformed, len(m.Addresses))
	}
	return checkTexts(append(slices.Clone(m.Addresses), m.Author, m.Device)...)
}

// CheckMemberName tells whether a name can be a member's: letters, digits, single spaces within, and . _ - ' @ + but not at
// the beginning.
func CheckMemberName(name string) error {
	bad := func(why string) error { return fmt.Errorf("%w: name %q %s", ErrMalformed, clip(name), why) }
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return bad(fmt.Sprintf("is empty or longer than %d bytes", maxName))
	}
	for i, r := range name {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r):
		case i == 0, !strings.ContainsRune(" ._-'@+", r):
			return bad(fmt.Sprintf("has %q where it can't be", r))
		}
	}
	if strings.Contains(name, "  ") || strings.HasSuffix(name, " ") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
		return bad("has a space or dot too many")
	}
	return nil
}

// checkTexts holds the bounds of texts: not long, no control characters.
func checkTexts(texts ...string) error {
	for _, t := range texts {
		if len(t) > maxText || !utf8.ValidString(t) || strings.ContainsFunc(t, unicode.IsControl) {
			return fmt.Errorf("%w: text %q", ErrMalformed, clip(t))
		}
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (s Settings) MarshalJSON() ([]byte, error) {
	type plain Settings
	return s.more.join(plain(s))
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Settings) UnmarshalJSON(b []byte) error {
	type plain Settings
	return s.more.split(b, (*plain)(s))
}

// MarshalJSON implements json.Marshaler.
func (m Member) MarshalJSON() ([]byte, error) {
	type plain Member
	return m.more.join(plain(m))
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Member) UnmarshalJSON(b []byte) error {
	type plain Member
	return m.more.split(b, (*plain)(m))
}
