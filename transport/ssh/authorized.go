package ssh

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

const (
	maxAuthorized     = 4 << 20 // bytes of one file
	maxAuthorizedLine = 64 << 10
	minRSABits        = 2048
)

// AuthorizedKeys is a parsed file of authorized keys. It does not change.
type AuthorizedKeys struct {
	entries []authorizedEntry
	index   map[string]int // by the key's wire form
}

type authorizedEntry struct {
	grant   Grant
	expires time.Time // zero: never
	ports   bool      // some may be forwarded and others not
}

// ErrNotAuthorized: the key is not in the file, or its time is over.
var ErrNotAuthorized = errors.New("the key is not authorized")

// Authorize is the grant of key at the time now.
func (a *AuthorizedKeys) Authorize(key PublicKey, now time.Time) (Grant, error) {
	if a == nil || key == nil {
		return Grant{}, ErrNotAuthorized
	}
	i, ok := a.index[string(key.Marshal())]
	if !ok {
		return Grant{}, ErrNotAuthorized
	}
	entry := a.entries[i]
	if !entry.expires.IsZero() && !now.Before(entry.expires) {
		return Grant{}, fmt.Errorf("%w: its time is over", ErrNotAuthorized)
	}
	grant := entry.grant
	grant.Engagements = slices.Clone(grant.Engagements)
	return grant, nil
}

// Grants are all the grants of the file in its order, expired ones too.
func (a *AuthorizedKeys) Grants() []Grant {
	grants := make([]Grant, len(a.entries))
	for i, entry := range a.entries {
		grants[i] = entry.grant
		grants[i].Engagements = slices.Clone(entry.grant.Engagements)
	}
	return grants
}

// ParseAuthorizedKeys reads OpenSSH's authorized_keys with the options doc.go lists. A line that cannot be used, or that
// restricts its key in a way this server does not know, admits nobody and is reported; the other lines count.
func ParseAuthorizedKeys(r io.Reader) (*AuthorizedKeys, []error) {
	a := &AuthorizedKeys{index: map[string]int{}}
	var problems []error
	text, err := io.ReadAll(io.LimitReader(r, maxAuthorized+1))
	if err != nil {
		return a, []error{fmt.Errorf("read authorized keys: %w", err)}
	}
	if len(text) > maxAuthorized {
		return a, []error{fmt.Errorf("%w: more than %d bytes of authorized keys", ErrKey, maxAuthorized)}
	}
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		if err := a.add(line); err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", number, err))
		}
	}
	return a, problems
}

func (a *AuthorizedKeys) add(line []byte) error {
	if len(line) > maxAuthorizedLine {
		return fmt.Errorf("%w: too long", ErrKey)
	}
	key, comment, options, _, err := gossh.ParseAuthorizedKey(line)
	if err != nil {
		return fmt.Errorf("%w: no public key", ErrKey)
	}
	if err := checkUserKey(key); err != nil {
		return err
	}
	entry := authorizedEntry{grant: Grant{Level: LevelFull, Name: printable(comment, 200), Key: Fingerprint(key)}}
	for _, option := range options {
		if err := entry.apply(option); err != nil {
			return err
		}
	}
	wire := string(key.Marshal())
	if _, twice := a.index[wire]; twice {
		return fmt.Errorf("%w: %s is there already, and its first line counts", ErrKey, entry.grant.Key)
	}
	a.index[wire] = len(a.entries)
	a.entries = append(a.entries, entry)
	return nil
}

func checkUserKey(key PublicKey) error {
	switch key.Type() {
	case gossh.KeyAlgoED25519, gossh.KeyAlgoSKED25519, gossh.KeyAlgoECDSA256:
		return nil
	case gossh.KeyAlgoRSA:
		if crypto, ok := key.(gossh.CryptoPublicKey); ok {
			if public, ok := crypto.CryptoPublicKey().(*rsa.PublicKey); ok && public.N.BitLen() >= minRSABits {
				return nil
			}
		}
		return fmt.Errorf("%w: an RSA key of less than %d bits", ErrKey, minRSABits)
	}
	return fmt.Errorf("%w: type %s is not taken", ErrKey, key.Type())
}

// harmless options allow or forbid what this server does not have, or loosen what it keeps.
var harmless = []string{
	"pty", "no-pty", "agent-forwarding", "no-agent-forwarding", "x11-forwarding", "no-x11-forwarding", "user-rc",
	"no-user-rc", "no-touch-required", "environment", "tunnel",
}

// forwarding applies the options about ports, which is all that a hub does. A list of ports is one it cannot honour.
func (e *authorizedEntry) forwarding(option string) bool {
	switch option {
	case "restrict", "no-port-forwarding":
		e.grant.NoRelay = true
	case "port-forwarding":
		e.grant.NoRelay = e.ports
	case "permitopen", "permitlisten":
		e.grant.NoRelay, e.ports = true, true
	default:
		return false
	}
	return true
}

func (e *authorizedEntry) apply(option string) error {
	name, quoted, hasValue := strings.Cut(option, "=")
	name = strings.ToLower(name)
	if slices.Contains(harmless, name) || e.forwarding(name) {
		return nil
	}
	value := quoted
	if hasValue {
		if len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
			return fmt.Errorf("%w: the value of option %q is not in quotes", ErrKey, printable(name, 40))
		}
		value = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	}
	switch name {
	case "level":
		if value != LevelRead && value != LevelFull {
			return fmt.Errorf("%w: level is %q or %q", ErrKey, LevelRead, LevelFull)
		}
		e.lower(value)
		return nil
	case "engagements":
		return e.restrict(value)
	case "expiry-time":
		expires, err := parseExpiry(value)
		if err == nil && (e.expires.IsZero() || expires.Before(e.expires)) {
			e.expires = expires
		}
		return err
	case "command":
		level, ok := commandLevel(value)
		if !ok {
			return fmt.Errorf("%w: a command other than %q with --level or --readonly", ErrKey, DefaultCommand)
		}
		e.lower(level)
		return nil
	}
	return fmt.Errorf("%w: option %q is not supported", ErrKey, printable(name, 40))
}

// lower sets the level, never above one that stands already.
func (e *authorizedEntry) lower(level string) {
	if level == LevelRead {
		e.grant.Level = LevelRead
	}
}

func (e *authorizedEntry) restrict(list string) error {
	var names []string
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	// An empty list must not come to mean every engagement, and neither must two lists without a common name.
	if len(names) == 0 || e.grant.Engagements != nil {
		return fmt.Errorf("%w: option engagements needs one list of names", ErrKey)
	}
	e.grant.Engagements = names
	return nil
}

// commandLevel reads a forced command for a stock sshd, which is a restriction this server can honour as well.
func commandLevel(command string) (level string, ok bool) {
	words := strings.Fields(command)
	if len(words) < 3 || words[0] != "esync" && !strings.HasSuffix(words[0], "/esync") || words[1] != "serve" {
		return "", false
	}
	level = LevelFull
	var stream bool
	for i := 2; i < len(words); i++ {
		name, value, inline := strings.Cut(words[i], "=")
		switch {
		case words[i] == "--stdio":
			stream = true
		case words[i] == "--readonly":
			level = LevelRead
		case name == "--level":
			if !inline {
				if i++; i == len(words) {
					return "", false
				}
				value = words[i]
			}
			switch {
			case value == LevelRead:
				level = LevelRead
			case value != LevelFull:
				return "", false
			}
		default: // a folder, a switch of a later version: it may well restrict
			return "", false
		}
	}
	return level, stream
}

// parseExpiry reads YYYYMMDD[HHMM[SS]], in the system's time zone or, with Z behind it, in UTC. The key is good before.
func parseExpiry(text string) (time.Time, error) {
	zone := time.Local
	digits := text
	if rest, ok := strings.CutSuffix(text, "Z"); ok {
		zone, digits = time.UTC, rest
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(layout) != len(digits) {
			continue
		}
		if when, err := time.ParseInLocation(layout, digits, zone); err == nil {
			return when, nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: expiry-time %q", ErrKey, printable(text, 40))
}
