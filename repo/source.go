package repo

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/esync/esync/refs/roster"
)

// SourceKind tells how a source is reached.
type SourceKind int

// The kinds of source.
const (
	SourceFolder SourceKind = iota + 1
	SourceSSH
	SourceInvitation
	SourceBundle
)

// Source is a place that another copy can be reached at.
type Source struct {
	Kind SourceKind
	// User, Host and Port are of SourceSSH; User and Port may be empty, and
	// then the SSH configuration decides.
	User string
	Host string
	Port int
	// Engagement is the name or the absolute path that the peer knows the
	// engagement by.
	Engagement string
	// Path is the folder of SourceFolder, or the file of SourceBundle, as
	// typed.
	Path string
	// Invitation is that of SourceInvitation.
	Invitation *roster.Invitation
	// Text is the source as typed.
	Text string
}

// ParseSource reads HOST:ENGAGEMENT, ssh://[USER@]HOST[:PORT]/ENGAGEMENT, an
// invitation, or a path: that of a file is a bundle. Something with a colon is a folder only when it begins with ".", "/"
// or a Windows drive. ssh://HOST/NAME means the engagement of that name;
// ssh://HOST/A/B and ssh://HOST//NAME mean the absolute path.
func ParseSource(text string) (Source, error) {
	s := Source{Text: text}
	switch {
	case text == "":
		return s, fmt.Errorf("%w: the source is empty", ErrUsage)
	case len(text) >= len(roster.InvitationPrefix) && strings.EqualFold(text[:len(roster.InvitationPrefix)], roster.InvitationPrefix):
		return parseInvitation(text)
	case strings.HasPrefix(text, "ssh://"):
		return parseURL(text)
	case strings.Contains(text, "://"):
		return s, fmt.Errorf("%w: %q: esync speaks ssh://", ErrUsage, text)
	}
	host, engagement, ok := strings.Cut(text, ":")
	if !ok || folderLike(text) {
		s.Kind, s.Path = SourceFolder, text
		if fi, err := os.Stat(text); err == nil && fi.Mode().IsRegular() {
			s.Kind = SourceBundle
		}
		return s, nil
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		s.User, host = host[:at], host[at+1:]
	}
	s.Kind, s.Host, s.Engagement = SourceSSH, host, engagement
	return s, s.check()
}

func parseInvitation(text string) (Source, error) {
	v, err := roster.ParseInvitation(text)
	if err != nil {
		return Source{Text: text}, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return Source{Kind: SourceInvitation, Text: text, Invitation: v}, nil
}

func parseURL(text string) (Source, error) {
	s := Source{Kind: SourceSSH, Text: text}
	u, err := url.Parse(text)
	if err != nil {
		return s, fmt.Errorf("%w: %q is not an address", ErrUsage, text)
	}
	if _, has := u.User.Password(); has {
		return s, fmt.Errorf("%w: a source holds no password; esync uses keys", ErrUsage)
	}
	s.User, s.Host = u.User.Username(), u.Hostname()
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return s, fmt.Errorf("%w: %q is not a port", ErrUsage, p)
		}
	}
	s.Engagement = u.Path
	if name := strings.TrimPrefix(u.Path, "/"); !strings.Contains(name, "/") {
		s.Engagement = name
	} else if strings.HasPrefix(name, "/") {
		s.Engagement = name // ssh://HOST//NAME
	}
	return s, s.check()
}

func (s Source) check() error {
	switch {
	case s.Host == "":
		return fmt.Errorf("%w: %q names no host", ErrUsage, s.Text)
	case strings.HasPrefix(s.Host, "-"), strings.HasPrefix(s.User, "-"), strings.HasPrefix(s.Engagement, "-"):
		return fmt.Errorf("%w: %q: no part begins with \"-\"", ErrUsage, s.Text)
	case s.Engagement == "":
		return fmt.Errorf("%w: %q names no engagement (HOST:ENGAGEMENT)", ErrUsage, s.Text)
	}
	return nil
}

// folderLike tells whether text is meant as a folder though it has a colon.
func folderLike(text string) bool {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "/") || strings.HasPrefix(text, `\`) {
		return true
	}
	drive := len(text) >= 3 && text[1] == ':' && (text[2] == '\\' || text[2] == '/')
	return drive || runtime.GOOS == "windows" && filepath.VolumeName(text) != ""
}

// String gives the source as it is kept in the settings.
func (s Source) String() string { return s.Text }
