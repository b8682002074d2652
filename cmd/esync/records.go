package main

import (
	"fmt"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/worktree"
)

// The records that several verbs print with --json. Their keys are a promise to scripts.

type pathRecord struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

type noteRecord struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

func changeRecords(changes []worktree.Change) []pathRecord {
	records := make([]pathRecord, len(changes))
	for i, c := range changes {
		records[i] = pathRecord{c.Path, c.Kind.String()}
	}
	return records
}

func noteRecords(notes []worktree.Note) []noteRecord {
	records := make([]noteRecord, len(notes))
	for i, n := range notes {
		records[i] = noteRecord{n.Path, n.Kind.String(), n.Text}
	}
	return records
}

func conflictRecords(conflicts []repo.Conflict) []pathRecord {
	records := make([]pathRecord, len(conflicts))
	for i, c := range conflicts {
		records[i] = pathRecord{c.Path, fmt.Sprint(c.Kind)}
	}
	return records
}

// filesRecord is what a verb did to the user's files.
type filesRecord struct {
	Updated int          `json:"updated"`
	Removed int          `json:"removed"`
	Waiting []noteRecord `json:"waiting"`
}

func filesOf(f repo.FilesResult) filesRecord {
	return filesRecord{f.Updated, f.Removed, noteRecords(f.Waiting)}
}

// personRecord is an author.
type personRecord struct {
	Name string `json:"name"`
	Mail string `json:"mail"`
}

// commitRecord is a commit in a log.
type commitRecord struct {
	ID         string       `json:"id"`
	Parents    []string     `json:"parents"`
	Tree       string       `json:"tree"`
	Generation uint64       `json:"generation"`
	Author     personRecord `json:"author"`
	Device     string       `json:"device"`
	Time       string       `json:"time"`
	Message    string       `json:"message"`
	Names      []string     `json:"names"`
	Signer     string       `json:"signer"` // the member whose signature was verified
	SignerKey  string       `json:"signer_key"`
}

func commitOf(e repo.LogEntry) commitRecord {
	c := e.Commit
	rec := commitRecord{
		ID: e.ID.String(), Parents: ids(c.Parents), Tree: c.Tree.String(), Generation: c.Generation,
		Author: personRecord{c.Author.Name, c.Author.Mail}, Device: c.Device, Time: c.When.Format(time.RFC3339),
		Message: c.Message, Names: e.Names,
	}
	if rec.Names == nil {
		rec.Names = []string{}
	}
	return rec
}

func ids(list []objects.ID) []string {
	texts := make([]string, len(list))
	for i, id := range list {
		texts[i] = id.String()
	}
	return texts
}

// idText is an ID for programs; the zero ID is no text.
func idText(id objects.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// timeText is a time for programs; the zero time is no text.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// entryRecord is a file or folder of a commit.
type entryRecord struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	ID   string `json:"id"`
	Size int64  `json:"size"`
	Time string `json:"time,omitempty"`
}

func entryOf(path string, e objects.Entry) entryRecord {
	rec := entryRecord{Path: path, Mode: e.Mode.String(), ID: e.ID.String(), Size: e.Size}
	if e.ModTime != 0 {
		rec.Time = timeText(e.Time())
	}
	return rec
}

// showNotes tells of files that were not taken as they stand.
func (s *session) showNotes(notes []worktree.Note) {
	for _, n := range notes {
		s.warn("%q %s", n.Path, n.Text)
	}
}

// showConflicts lists what a person must decide.
func (s *session) showConflicts(conflicts []repo.Conflict) {
	for _, c := range conflicts {
		s.line("conflict: %s (%s)", s.paint(colorRemoved, c.Path), c.Kind.Describe())
	}
}
