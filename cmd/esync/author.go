package main

import (
	"bufio"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/esync/esync/objects"
)

// author is who records: ESYNC_AUTHOR, else the person git knows here, else the user of this system.
func (e environment) author() (objects.Person, error) {
	if text := strings.TrimSpace(e.getenv("ESYNC_AUTHOR")); text != "" {
		return parsePerson(text)
	}
	var p objects.Person
	for _, file := range e.gitFiles() {
		if text, err := os.ReadFile(file); err == nil {
			readGitPerson(string(text), &p)
		}
	}
	if p.Name != "" {
		return p, nil
	}
	name := e.getenv("USER")
	if u, err := user.Current(); err == nil {
		if name = u.Name; name == "" {
			name = u.Username
		}
	}
	if name == "" {
		name = "unknown"
	}
	p.Name = oneLine(name)
	return p, nil
}

func parsePerson(text string) (objects.Person, error) {
	name, rest, found := strings.Cut(text, "<")
	mail, after, closed := strings.Cut(rest, ">")
	name = strings.TrimSpace(name)
	if name == "" || found && (!closed || strings.TrimSpace(after) != "") || oneLine(text) != text {
		return objects.Person{}, usagef(`ESYNC_AUTHOR %q does not read like "Name <mail>"`, text)
	}
	return objects.Person{Name: name, Mail: strings.TrimSpace(mail)}, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// gitFiles are git's files for this user, the one that counts more last.
func (e environment) gitFiles() []string {
	if e.home == "" {
		return nil
	}
	config := e.getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(e.home, ".config")
	}
	return []string{filepath.Join(config, "git", "config"), filepath.Join(e.home, ".gitconfig")}
}

// readGitPerson takes user.name and user.email out of a git configuration. It knows sections, comments and quotes, and
// leaves out what git could include from elsewhere.
func readGitPerson(text string, p *objects.Person) {
	section := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			head, rest, _ := strings.Cut(line[1:], "]")
			section, line = strings.ToLower(strings.TrimSpace(head)), strings.TrimSpace(rest)
		}
		key, value, found := strings.Cut(line, "=")
		if section != "user" || !found || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "name":
			p.Name = oneLine(gitValue(value))
		case "email":
			p.Mail = oneLine(gitValue(value))
		}
	}
}

// gitValue reads a value: quotes are taken off, and what follows # or ; outside of them is a comment.
func gitValue(text string) string {
	var b strings.Builder
	quoted := false
	text = strings.TrimSpace(text)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case (c == '#' || c == ';') && !quoted:
			return b.String()
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
