package main

import (
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
)

// graph draws a history beside its log. Each column is a commit that is still to come, wanted by one above it.
type graph struct {
	columns []objects.ID
}

// drawCommit shows one commit and the lines that lead to it and from it.
func (s *session) drawCommit(g *graph, e repo.LogEntry, by signers, short bool) {
	for _, line := range g.gather(e.ID) {
		s.line("%s", raw(line))
	}
	at := g.find(e.ID)
	star := raw(g.row(at))
	lines := []raw{s.commitLine(e)}
	if !short {
		lines = append(s.commitLines(e, by), "")
	}
	s.line("%s %s", star, lines[0])
	parting := g.replace(at, e.Commit.Parents)
	for _, line := range parting {
		s.line("%s", raw(line))
	}
	for _, line := range lines[1:] {
		s.line("%s", raw(strings.TrimRight(g.row(-1)+" "+string(line), " ")))
	}
}

// find gives the column of a commit, made at the right when none waits for it.
func (g *graph) find(id objects.ID) int {
	for i, want := range g.columns {
		if want == id {
			return i
		}
	}
	g.columns = append(g.columns, id)
	return len(g.columns) - 1
}

// row draws all columns, with the commit in the one at.
func (g *graph) row(at int) string {
	cells := make([]string, len(g.columns))
	for i := range cells {
		cells[i] = "|"
		if i == at {
			cells[i] = "*"
		}
	}
	return strings.Join(cells, " ")
}

// gather brings columns that wait for the same commit together, the last one first.
func (g *graph) gather(id objects.ID) []string {
	var lines []string
	for to, from := g.lastTwo(id); to >= 0; to, from = g.lastTwo(id) {
		line := []byte(g.row(-1))
		for k := from; k < len(g.columns); k++ { // from goes left, and those at its right move up
			line[2*k-1], line[2*k] = '/', ' '
		}
		for k := to + 1; k < from; k++ {
			line[2*k-1] = '_'
		}
		lines = append(lines, strings.TrimRight(string(line), " "))
		g.columns = append(g.columns[:from], g.columns[from+1:]...)
	}
	return lines
}

// lastTwo gives the last two columns that wait for a commit, or -1 when there are not two.
func (g *graph) lastTwo(id objects.ID) (to, from int) {
	to, from = -1, -1
	for i, want := range g.columns {
		if want == id {
			to, from = from, i
		}
	}
	return to, from
}

// replace puts the parents of a commit into its column, the second and further ones at its right.
func (g *graph) replace(at int, parents []objects.ID) []string {
	if len(parents) == 0 {
		g.columns = append(g.columns[:at], g.columns[at+1:]...)
		return nil
	}
	g.columns[at] = parents[0]
	var lines []string
	for i, p := range parents[1:] {
		line := []byte(g.row(-1) + "  ")
		for k := at + i; k < len(g.columns); k++ {
			line[2*k+1] = '\\'
			if k > at+i {
				line[2*k] = ' '
			}
		}
		lines = append(lines, strings.TrimRight(string(line), " "))
		g.columns = append(g.columns, objects.ID{})
		copy(g.columns[at+i+2:], g.columns[at+i+1:])
		g.columns[at+i+1] = p
	}
	return lines
}
