package ssh

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kevinburke/ssh_config"
)

const (
	maxInclude    = 8       // nested Includes: a loop must end
	maxConfigFile = 1 << 20 // nobody writes more by hand
	includeKey    = "EsyncInclude"
)

// option is a value of the configuration, and whether the user's own file holds it.
type option struct {
	value string
	own   bool
}

// options are the values that hold for one host: the first of each keyword, all of IdentityFile.
type options map[string][]option

func (o options) get(key string) string {
	if values := o[strings.ToLower(key)]; len(values) > 0 {
		return values[0].value
	}
	return ""
}

// configReader reads configuration files for one target.
//
// The module ssh_config reads the lines and matches Host patterns. Two things it gets wrong are kept from it: it refuses a
// whole file for a Match it does not know, and applies `Match host A exec B` without asking B. Match lines are therefore
// decided here and handed over as a Host line that matches always or never; Include lines, which it would resolve against
// another home, are handed over under a name it leaves alone.
type configReader struct {
	home   string
	system string // folder of the system's file
	target Target
	local  string // name of the local user
	found  options
}

// readOptions reads the one file given, or else the user's file and then the system's, as ssh does.
func readOptions(t Target, home, file string) (options, error) {
	r := configReader{home: home, system: systemFolder(), target: t, local: localUser(), found: options{}}
	if file != "" {
		return r.found, r.file(file, true, 0)
	}
	for _, f := range []struct {
		path string
		own  bool
	}{{filepath.Join(home, ".ssh", "config"), true}, {filepath.Join(r.system, "ssh_config"), false}} {
		if err := r.file(f.path, f.own, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return r.found, nil
}

func (r *configReader) file(path string, own bool, depth int) error {
	if depth > maxInclude {
		return fmt.Errorf("%w: %q: Include goes more than %d deep", ErrConfig, path, maxInclude)
	}
	if info, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	} else if info.Size() > maxConfigFile {
		return fmt.Errorf("%w: %q is too large", ErrConfig, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	cfg, err := ssh_config.DecodeBytes(r.rewrite(text))
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrConfig, path, err)
	}
	for _, host := range cfg.Hosts {
		if !host.Matches(r.target.Host) {
			continue
		}
		for _, node := range host.Nodes {
			kv, ok := node.(*ssh_config.KV)
			if !ok {
				continue
			}
			if kv.Key == includeKey {
				if err := r.include(kv.Value, own, depth); err != nil {
					return err
				}
				continue
			}
			key := strings.ToLower(kv.Key)
			if len(r.found[key]) == 0 || key == "identityfile" {
				r.found[key] = append(r.found[key], option{kv.Value, own})
			}
		}
	}
	return nil
}

func (r *configReader) include(patterns string, own bool, depth int) error {
	for _, pattern := range strings.Fields(patterns) {
		pattern = expandHome(strings.Trim(pattern, `"`), r.home)
		switch {
		case filepath.IsAbs(pattern):
		case own:
			pattern = filepath.Join(r.home, ".ssh", pattern)
		default:
			pattern = filepath.Join(r.system, pattern)
		}
		files, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("%w: Include %q: %w", ErrConfig, pattern, err)
		}
		for _, file := range files {
			if err := r.file(file, own, depth+1); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

func (r *configReader) rewrite(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		keyword, rest := splitOption(string(line))
		switch strings.ToLower(keyword) {
		case "host":
			lines[i] = []byte("Host " + strings.Join(strings.Fields(strings.ReplaceAll(rest, `"`, "")), " "))
		case "match":
			lines[i] = []byte("Host !*")
			if r.match(rest) {
				lines[i] = []byte("Host *")
			}
		case "include":
			lines[i] = []byte(includeKey + " " + rest)
		default:
			lines[i] = bytes.TrimSpace(line)
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

func splitOption(line string) (keyword, rest string) {
	line = strings.TrimSpace(line)
	end := strings.IndexAny(line, " \t=")
	if end < 0 {
		return line, ""
	}
	rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line[end:]), "="))
	return line[:end], rest
}

// match decides a Match line. What this client does not evaluate (exec, canonical, tagged and so on) never matches.
func (r *configReader) match(criteria string) bool {
	words := strings.Fields(strings.ReplaceAll(criteria, `"`, ""))
	if len(words) == 0 {
		return false
	}
	for len(words) > 0 && !strings.HasPrefix(words[0], "#") {
		word, negated := strings.CutPrefix(strings.ToLower(words[0]), "!")
		words = words[1:]
		name, inline, hasInline := strings.Cut(word, "=")
		if name == "all" {
			if negated {
				return false
			}
			continue
		}
		if !hasInline {
			if len(words) == 0 {
				return false
			}
			inline, words = words[0], words[1:]
		}
		var subject string
		switch name {
		case "host", "originalhost":
			subject = r.target.Host
		case "user":
			if subject = r.target.User; subject == "" {
				subject = r.local
			}
		case "localuser":
			subject = r.local
		default:
			return false
		}
		if matchList(inline, subject) == negated {
			return false
		}
	}
	return true
}

func matchList(patterns, subject string) bool {
	var host ssh_config.Host
	for _, text := range strings.Split(patterns, ",") {
		pattern, err := ssh_config.NewPattern(text)
		if err != nil {
			return false
		}
		host.Patterns = append(host.Patterns, pattern)
	}
	return host.Matches(subject)
}

func systemFolder() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("PROGRAMDATA"), "ssh")
	}
	return "/etc/ssh"
}

// localUser is the user of this system, on Windows without the domain.
func localUser() string {
	me, err := user.Current()
	if err != nil {
		return ""
	}
	return me.Username[strings.LastIndexByte(me.Username, '\\')+1:]
}

func expandHome(path, home string) string {
	if path == "~" || strings.HasPrefix(path, "~/") || strings.HasPrefix(path, `~\`) {
		return filepath.Join(home, path[1:])
	}
	return path
}
