package ssh

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Target is the address the user gave, before the SSH configuration is applied to it.
type Target struct {
	User string // "": the configuration's, else the user of this system
	Host string // a name of the SSH configuration, of DNS, or an IP address; IPv6 without brackets
	Port int    // 0: the configuration's, else 22
}

// ParseTarget reads [USER@]HOST[:PORT], with or without ssh:// before and / after it. An IPv6 address stands in brackets
// when a port follows. The result has been checked.
func ParseTarget(text string) (Target, error) {
	rest := strings.TrimSuffix(strings.TrimPrefix(text, "ssh://"), "/")
	var t Target
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		t.User, rest = rest[:i], rest[i+1:]
		if t.User == "" {
			return Target{}, fmt.Errorf("%w: no user before @ in %q", ErrTarget, text)
		}
	}
	switch {
	case strings.HasPrefix(rest, "["):
		host, after, found := strings.Cut(rest[1:], "]")
		if !found || after != "" && !strings.HasPrefix(after, ":") {
			return Target{}, fmt.Errorf("%w: brackets of %q", ErrTarget, text)
		}
		t.Host, rest = host, strings.TrimPrefix(after, ":")
		if after == ":" {
			return Target{}, fmt.Errorf("%w: no port after : in %q", ErrTarget, text)
		}
	case strings.Count(rest, ":") == 1:
		t.Host, rest, _ = strings.Cut(rest, ":")
		if rest == "" {
			return Target{}, fmt.Errorf("%w: no port after : in %q", ErrTarget, text)
		}
	default:
		t.Host, rest = rest, ""
	}
	if rest != "" {
		port, err := parsePort(rest)
		if err != nil {
			return Target{}, err
		}
		t.Port = port
	}
	return t, t.Check()
}

// Check reports whether t may be dialled: nothing in it can pass for an option, a path or a command.
func (t Target) Check() error {
	if err := checkHost(t.Host); err != nil {
		return err
	}
	if t.Port < 0 || t.Port > 65535 {
		return fmt.Errorf("%w: port %d", ErrTarget, t.Port)
	}
	return checkUser(t.User)
}

// String is t as ParseTarget reads it.
func (t Target) String() string {
	text := t.Host
	if t.Port != 0 {
		text = net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
	}
	if t.User != "" {
		text = t.User + "@" + text
	}
	return text
}

const maxHost = 255 // of a DNS name

func checkHost(host string) error {
	if host == "" || len(host) > maxHost || host[0] == '-' {
		return fmt.Errorf("%w: host %q", ErrTarget, host)
	}
	for i := range len(host) {
		c := host[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("._:%-", c) < 0 {
			return fmt.Errorf("%w: host %q", ErrTarget, host)
		}
	}
	return nil
}

func checkUser(user string) error {
	if strings.HasPrefix(user, "-") || len(user) > maxHost {
		return fmt.Errorf("%w: user %q", ErrTarget, user)
	}
	for _, r := range user {
		if r <= ' ' || r >= 0x7f && r < 0xa0 || strings.ContainsRune("'`\"$;&<>|(){}*?!/:\uFFFD", r) {
			return fmt.Errorf("%w: user %q", ErrTarget, user)
		}
	}
	return nil
}

func parsePort(text string) (int, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("%w: port %q", ErrTarget, text)
	}
	return int(port), nil
}
