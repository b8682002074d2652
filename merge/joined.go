package merge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// JoinedHeader is the name of the commit header that tells which files a merge
// put together from both sides, as EncodeJoined writes it.
const JoinedHeader = "joined"

const (
	joinedText = "esync joined 1\n"
	// maxListed is how many places of a side are listed of one file, and
	// maxJoined how many files; the rest is counted.
	maxListed = 50
	maxJoined = 1000
)

// EncodeJoined gives a text that tells people what came from which side of a
// merge; see the package comment. It is fit for a commit's header. No files are
// the empty text.
func EncodeJoined(list []Joined) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(joinedText)
	for i, j := range list {
		if i == maxJoined {
			fmt.Fprintf(&b, "more %d\n", len(list)-i)
			break
		}
		b.WriteString(strconv.Quote(j.Path) + "\n")
		for _, side := range [2]struct {
			side Side
			list []Place
		}{{Ours, j.FromOurs}, {Theirs, j.FromTheirs}} {
			for _, p := range side.list[:min(maxListed, len(side.list))] {
				after := p.Ours
				if side.side == Theirs {
					after = p.Theirs
				}
				fmt.Fprintf(&b, "\t%s %s %s %s\n", side.side, strconv.Quote(p.Where), strconv.Quote(p.Base), strconv.Quote(after))
			}
			if more := len(side.list) - maxListed; more > 0 {
				fmt.Fprintf(&b, "\t%s %d more\n", side.side, more)
			}
		}
	}
	return b.String()
}

// DecodeJoined reads what EncodeJoined made. Places that are only counted are
// Places whose Where says how many.
func DecodeJoined(text string) ([]Joined, error) {
	if text == "" {
		return nil, nil
	}
	bad := func(line string) error {
		return fmt.Errorf("%w of what a merge joined: line %.100q", errMalformedJoined, line)
	}
	rest, ok := strings.CutPrefix(text, joinedText)
	if !ok || len(text) > maxEncoded {
		return nil, bad("esync joined")
	}
	var list []Joined
	for rest != "" {
		var line string
		if line, rest, ok = strings.Cut(rest, "\n"); !ok {
			return nil, bad(line)
		}
		inside, isPlace := strings.CutPrefix(line, "\t")
		switch {
		case isPlace && len(list) > 0:
			if !list[len(list)-1].decode(inside) {
				return nil, bad(line)
			}
		case strings.HasPrefix(line, "more ") && len(list) == maxJoined && rest == "":
		default:
			path, err := strconv.Unquote(line)
			if err != nil || isPlace || len(list) == maxJoined {
				return nil, bad(line)
			}
			list = append(list, Joined{Path: path})
		}
	}
	return list, nil
}

// decode reads one place.
func (j *Joined) decode(line string) bool {
	side, rest, _ := strings.Cut(line, " ")
	var p Place
	if n, more, ok := strings.Cut(rest, " "); ok && more == "more" {
		if count, err := strconv.Atoi(n); err != nil || count < 1 {
			return false
		}
		p.Where = rest
	} else {
		texts, ok := unquoteAll(rest, 3)
		if !ok {
			return false
		}
		p = Place{Where: texts[0], Base: texts[1], Ours: texts[1], Theirs: texts[1]}
		if side == Ours.String() {
			p.Ours = texts[2]
		} else {
			p.Theirs = texts[2]
		}
	}
	to := &j.FromOurs
	switch side {
	case Ours.String():
	case Theirs.String():
		to = &j.FromTheirs
	default:
		return false
	}
	*to = append(*to, p)
	return len(*to) <= maxListed+1
}

// Mirror is the list as the other side sees it.
func (j Joined) Mirror() Joined {
	swap := func(list []Place) []Place {
		list = slices.Clone(list)
		for i := range list {
			list[i].Ours, list[i].Theirs = list[i].Theirs, list[i].Ours
		}
		return list
	}
	j.FromOurs, j.FromTheirs = swap(j.FromTheirs), swap(j.FromOurs)
	return j
}
