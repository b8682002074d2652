package repo

import (
	"strings"

	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// underHostKey has the host key that each named peer showed at first contact.
const underHostKey = "config/hostkey"

// pin is the host key that a named peer showed at first contact, and whose it
// was by the settings, if anybody's.
type pin struct {
	key    string
	member string
}

// parsePin reads what String writes: a line of authorized keys whose comment
// is the member's name.
func parsePin(text string) pin {
	words := strings.SplitN(text, " ", 3)
	switch len(words) {
	case 2:
		return pin{key: text}
	case 3:
		return pin{words[0] + " " + words[1], words[2]}
	}
	return pin{}
}

// pinOf is the pin of a host that showed a key.
func (c *circle) pinOf(key string) pin {
	m := c.member(func(m *roster.Member) bool { return !m.HostKey.IsZero() && m.HostKey.String() == key })
	if m == nil {
		return pin{key: key}
	}
	return pin{key, m.Name}
}

// show notes the host key that a peer showed, and whose copy it therefore is.
func (p *peer) show(c *circle, key string) {
	p.shown = c.pinOf(key)
	if m := c.byName(p.shown.member); m != nil && p.member.IsZero() {
		p.member = m.Key
	}
}

// pinOf is the same by settings that were just heard of.
func pinOf(s *roster.Settings, key string) pin {
	shown, err := roster.ParseKey(key)
	if err != nil {
		return pin{key: key}
	}
	if m := s.ByHostKey(shown); m != nil {
		return pin{key, m.Name}
	}
	return pin{key: key}
}

func (p pin) String() string { return strings.TrimSpace(p.key + " " + p.member) }

// how says what a named peer must show: the key it showed before, or the one
// that the settings have now for the member whom it showed then; at first
// contact any member's, or one that SSH knows.
func (a *atlas) how(p pin) How {
	if p.key == "" {
		return How{HostKeys: a.circle.hostKeys(), OrKnownHosts: true}
	}
	keys := []string{p.key}
	if m := a.circle.byName(p.member); m != nil && !m.HostKey.IsZero() && m.HostKey.String() != p.key {
		keys = append(keys, m.HostKey.String())
	}
	return How{HostKeys: keys}
}

// pinChange remembers the host key that a named peer showed at first contact.
func (p peer) pinChange(state refs.State) []refs.Change {
	name := nameIn(underHostKey, p.name)
	if p.shown.key == "" || state.Get(name) != "" || state.Get(nameIn(underRemote, p.name)) == "" {
		return nil
	}
	return []refs.Change{change(state, name, refs.Value(p.shown.String()))}
}
