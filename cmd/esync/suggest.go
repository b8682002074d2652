package main

import (
	"errors"
	"fmt"
	"strings"
)

// unknownVerb says which verb was probably meant.
func unknownVerb(all []verb, word string) error {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = v.name
	}
	err := usagef("unknown verb %q", word)
	if name := nearest(word, append(names, strangers()...)); name != "" {
		if other, ok := known(name); ok {
			name = other
		}
		err.hints = append(err.hints, fmt.Sprintf("did you mean %q?", "esync "+name))
	}
	err.hints = append(err.hints, `run "esync help" for the list of verbs`)
	return err
}

// foreign maps verbs of other tools to the ones that do the same here.
var foreign = [...][2]string{
	{"checkout", "switch"}, {"fetch", "pull"}, {"add", "commit"}, {"stage", "commit"}, {"reset", "undo"}, {"revert", "undo"},
	{"ls", "status"}, {"st", "status"}, {"ci", "commit"}, {"up", "pull"}, {"update", "pull"}, {"verify", "fsck"}, {"reflog", "undo --list"},
	{"daemon", "serve"}, {"prune", "gc"}, {"line", "branch"}, {"history", "log"}, {"rollback", "undo"},
	{"join", "clone"}, {"accept", "clone"}, {"users", "members"}, {"remove-member", "revoke"}, {"kick", "revoke"}, {"relay", "hub"}, {"repair", "fsck --heal"},
}

func strangers() []string {
	var names []string
	for _, pair := range foreign {
		names = append(names, pair[0])
	}
	return names
}

func known(word string) (string, bool) {
	for _, pair := range foreign {
		if pair[0] == word {
			return pair[1], true
		}
	}
	return "", false
}

// explainFlag adds to an unknown flag what was probably meant. rest begins with the flag.
func explainFlag(err error, all []verb, name string, early, rest []string) error {
	var bad *flagError
	if !errors.As(err, &bad) {
		return err
	}
	out := usagef("%s", bad.Error())
	if name == "" && len(early) > 0 {
		if v := verbAmong(all, rest); v != "" {
			out.hints = append(out.hints, fmt.Sprintf("flags of a verb stand after it: esync %s %s", v, early[0]))
		}
		out.hints = append(out.hints, `run "esync help" for the list of verbs and flags`)
		return out
	}
	v, _ := find(all, name)
	names := options{}
	names.add(globalFlags(), true)
	names.add(v.flags, false)
	var candidates []string
	for n := range names {
		candidates = append(candidates, dashed(n))
	}
	if near := nearest(bad.word, candidates); near != "" {
		out.hints = append(out.hints, fmt.Sprintf("did you mean %s?", near))
	}
	out.hints = append(out.hints, fmt.Sprintf(`run "esync help %s" for its flags`, name))
	return out
}

func verbAmong(all []verb, words []string) string {
	for _, word := range words {
		if _, ok := find(all, word); ok {
			return word
		}
	}
	return ""
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// nearest gives the candidate that takes the fewest typing mistakes, if they are few enough for a mistake. Of several it is
// the first in the alphabet.
func nearest(word string, candidates []string) string {
	best, least := "", 1+(len(strings.TrimLeft(word, "-"))+1)/3
	for _, c := range candidates {
		if n := distance(word, c); n < least || n == least && best != "" && c < best {
			best, least = c, n
		}
	}
	return best
}

// distance counts insertions, deletions, replacements and swaps of neighbours.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[(i+2)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}
