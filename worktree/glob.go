package worktree

import (
	"strings"
	"unicode/utf8"
)

// matchPath matches the segments of a pattern against those of a path. "**"
// stands for any number of segments, but for at least one at the end.
func matchPath(pattern, path []string) bool {
	star, mark := -1, 0
	p, s := 0, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			if p == len(pattern)-1 {
				return true
			}
			star, mark = p, s
			p++
		case p < len(pattern) && matchName(pattern[p], path[s]):
			p++
			s++
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	return p == len(pattern)
}

// matchName matches one segment: "*", "?", "[a-z]", "[!a-z]", "[[:alpha:]]"
// and backslash. It works on bytes, as gitignore does, except that "?" and
// classes take a whole character.
func matchName(pattern, name string) bool {
	star, mark := -1, 0
	p, s := 0, 0
	for s < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			for p < len(pattern) && pattern[p] == '*' {
				p++
			}
			star, mark = p, s
			continue
		}
		if n, m, ok := matchOne(pattern[p:], name[s:]); ok {
			p += n
			s += m
			continue
		}
		if star < 0 {
			return false
		}
		_, m := utf8.DecodeRuneInString(name[mark:])
		mark += m
		p, s = star, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne matches one element of a pattern against the beginning of name, and
// tells the lengths of both.
func matchOne(pattern, name string) (int, int, bool) {
	if pattern == "" {
		return 0, 0, false
	}
	r, m := utf8.DecodeRuneInString(name)
	switch pattern[0] {
	case '?':
		return 1, m, true
	case '[':
		n, ok := matchClass(pattern, r)
		return n, m, ok
	case '\\':
		return 2, 1, len(pattern) > 1 && pattern[1] == name[0]
	}
	return 1, 1, pattern[0] == name[0]
}

// matchClass matches a character against "[...]"; a class that is never closed
// matches nothing, as in git.
func matchClass(pattern string, r rune) (int, bool) {
	i := 1
	negated := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negated {
		i++
	}
	found := false
	for first := true; ; first = false {
		switch {
		case i >= len(pattern):
			return 0, false
		case pattern[i] == ']' && !first:
			return i + 1, found != negated
		case strings.HasPrefix(pattern[i:], "[:"):
			text, _, closed := strings.Cut(pattern[i+2:], "]")
			if !closed {
				return 0, false
			}
			name, named := strings.CutSuffix(text, ":")
			if !named {
				break // a bracket among the characters, as in git
			}
			in, known := inClass(name, r)
			if !known {
				return 0, false
			}
			found = found || in
			i += len("[:") + len(text) + len("]")
			continue
		}
		low, n := classRune(pattern[i:])
		i += n
		high := low
		if i+1 < len(pattern) && pattern[i] == '-' && pattern[i+1] != ']' {
			high, n = classRune(pattern[i+1:])
			i += 1 + n
		}
		found = found || r == low || low <= r && r <= high
	}
}

func classRune(s string) (rune, int) {
	if s[0] == '\\' && len(s) > 1 {
		r, n := utf8.DecodeRuneInString(s[1:])
		return r, n + 1
	}
	return utf8.DecodeRuneInString(s)
}

func inClass(name string, r rune) (in, known bool) {
	if r >= utf8.RuneSelf {
		r = 0
	}
	digit := r >= '0' && r <= '9'
	lower, upper := r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z'
	graph := r > ' ' && r < 0x7f
	switch name {
	case "alpha":
		return lower || upper, true
	case "digit":
		return digit, true
	case "alnum":
		return lower || upper || digit, true
	case "lower":
		return lower, true
	case "upper":
		return upper, true
	case "space":
		return r == ' ' || r >= '\t' && r <= '\r', true
	case "blank":
		return r == ' ' || r == '\t', true
	case "punct":
		return graph && !lower && !upper && !digit, true
	case "graph":
		return graph, true
	case "print":
		return graph || r == ' ', true
	case "cntrl":
		return r != 0 && r < ' ' || r == 0x7f, true
	case "xdigit":
		return digit || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F', true
	}
	return false, false
}
