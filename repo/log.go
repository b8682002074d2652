package repo

import (
	"context"
	"iter"
	"sort"
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
)

// LogOptions says which history Log shows.
type LogOptions struct {
	// From is the commit to begin at; empty: the commit of the files.
	From string
	// Path restricts the log to commits that changed this file or folder.
	Path string
	// Limit is the greatest number of commits; 0: all.
	Limit int
}

// LogEntry is one commit of a log.
type LogEntry struct {
	ID     objects.ID
	Commit *objects.Commit
	// Names are the lines, tags and peers' lines that stand at this commit.
	Names []string
}

// Log gives the history, newest first. A copy without commits has none.
func (r *Repo) Log(ctx context.Context, o LogOptions) iter.Seq2[LogEntry, error] {
	return func(yield func(LogEntry, error) bool) {
		state, err := r.refs.State()
		if err != nil {
			yield(LogEntry{}, err)
			return
		}
		if o.From == "" && idOf(state.Get(nameBase)).IsZero() && idOf(state.Get(headName(currentLine(state)))).IsZero() {
			return
		}
		from, err := r.Find(o.From)
		if err != nil {
			yield(LogEntry{}, err)
			return
		}
		names := r.namesByCommit()
		n := 0
		walk := graph.Walk(r.graph, from)
		if o.Path != "" {
			walk = graph.Touched(r.graph, r.store, strings.Trim(o.Path, "/"), from)
		}
		for node, err := range walk {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(LogEntry{}, err)
				return
			}
			if !yield(LogEntry{ID: node.ID, Commit: node.Commit, Names: names[node.ID]}, nil) {
				return
			}
			if n++; n == o.Limit {
				return
			}
		}
	}
}

// namesByCommit lists what stands at each commit, lines first.
func (r *Repo) namesByCommit() map[objects.ID][]string {
	names := map[objects.ID][]string{}
	state := r.state()
	for _, prefix := range []string{underHeads, underTags, underRemotes} {
		for name, value := range state.List(prefix) {
			short, _ := name.Under(prefix)
			if prefix == underTags {
				short = "tag: " + short
			}
			names[idOf(value)] = append(names[idOf(value)], short)
		}
	}
	for _, n := range names {
		sort.Strings(n)
	}
	return names
}
