package worktree

import (
	"bytes"
	"strings"

	"github.com/esync/esync/internal/fsys"
)

// IgnoreFile is the name of the files that say what is not recorded, in any
// folder, in the language of gitignore.
const IgnoreFile = ".esyncignore"

// maxIgnore bounds an ignore file; longer ones are cut there.
const maxIgnore = 1 << 20

// rule is one line of an ignore file.
type rule struct {
	segments []string // of the pattern, between slashes
	name     bool     // a pattern without slashes: it is about the name alone
	folder   bool     // it is about folders only
	keep     bool     // it takes an earlier rule back
}

// ignoreLevel is what one folder's ignore file adds to those above it. A nil
// level ignores nothing.
type ignoreLevel struct {
	above *ignoreLevel
	dir   string
	rules []rule
	fold  bool
}

// parseIgnore reads the lines of an ignore file in the folder dir. It returns
// above when there is nothing in them.
func parseIgnore(above *ignoreLevel, dir string, lines []string, fold bool) *ignoreLevel {
	level := &ignoreLevel{above: above, dir: dir, fold: fold}
	for _, text := range lines {
		if r, ok := parseRule(text, fold); ok {
			level.rules = append(level.rules, r)
		}
	}
	if len(level.rules) == 0 {
		return above
	}
	return level
}

func parseRule(text string, fold bool) (rule, bool) {
	text = strings.TrimSuffix(text, "\r")
	if text == "" || text[0] == '#' {
		return rule{}, false
	}
	text = trimSpaces(text)
	var r rule
	if strings.HasPrefix(text, "!") {
		r.keep = true
		text = text[1:]
	}
	if strings.HasSuffix(text, "/") {
		r.folder = true
		text = text[:len(text)-1]
	}
	if text == "" || strings.HasSuffix(text, "\\") && !strings.HasSuffix(text, "\\\\") {
		return rule{}, false
	}
	if fold {
		text = strings.ToLower(text)
	}
	r.name = !strings.Contains(text, "/")
	r.segments = strings.Split(strings.TrimPrefix(text, "/"), "/")
	return r, true
}

// trimSpaces drops spaces at the end that no backslash protects.
func trimSpaces(s string) string {
	for strings.HasSuffix(s, " ") {
		stem := s[:len(s)-1]
		slashes := len(stem) - len(strings.TrimRight(stem, "\\"))
		if slashes%2 == 1 {
			break
		}
		s = stem
	}
	return s
}

// readIgnore reads the ignore file of a folder. One that cannot be read
// ignores nothing.
func (w *Worktree) readIgnore(above *ignoreLevel, dir string) *ignoreLevel {
	f, err := w.files.OpenFile(join(dir, IgnoreFile), readOnly, 0)
	if err != nil {
		return above
	}
	defer f.Close()
	if i, err := f.Stat(); err != nil || !i.Regular() || i.Size > maxIgnore {
		return above
	}
	content, err := readAtMost(f, maxIgnore)
	if err != nil {
		return above
	}
	return parseIgnore(above, dir, splitLines(content), w.system.foldsCase())
}

func splitLines(content []byte) []string {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	return strings.Split(string(content), "\n")
}

// verdict of the rules about a path.
type verdict uint8

const (
	silent verdict = iota // no rule speaks of it
	ignored
	kept // a rule says in so many words that it counts
)

// match asks the rules about one path: those of the nearest folder first, in
// each the last one first. Whether a folder above is ignored is not asked.
func (l *ignoreLevel) match(path string, folder bool) verdict {
	for ; l != nil; l = l.above {
		below := path
		if l.dir != "" {
			below = path[len(l.dir)+1:]
		}
		if l.fold {
			below = strings.ToLower(below)
		}
		segments := strings.Split(below, "/")
		for i := len(l.rules) - 1; i >= 0; i-- {
			r := &l.rules[i]
			if r.folder && !folder || !r.match(segments) {
				continue
			}
			if r.keep {
				return kept
			}
			return ignored
		}
	}
	return silent
}

func (r *rule) match(segments []string) bool {
	if r.name {
		return matchName(r.segments[0], segments[len(segments)-1])
	}
	return matchPath(r.segments, segments)
}

// ignores tells whether a thing that the base does not have is left alone: by
// the user's rules, and where these are silent by the habits of office
// programs.
func (l *ignoreLevel) ignores(dir string, i *fsys.Info) bool {
	if l != nil {
		switch l.match(join(dir, i.Name), i.IsDir()) {
		case ignored:
			return true
		case kept:
			return false
		}
	}
	return !i.IsDir() && officeNoise(i.Name)
}
