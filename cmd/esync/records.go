package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/esync/esync/merge"
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

// conflictBrief is a conflict in the result of another verb.
type conflictBrief struct {
	Path   string        `json:"path"`
	Kind   string        `json:"kind"`
	Places []placeRecord `json:"places"`
}

func conflictBriefs(conflicts []repo.Conflict) []conflictBrief {
	records := make([]conflictBrief, len(conflicts))
	for i, c := range conflicts {
		records[i] = conflictBrief{c.Path, fmt.Sprint(c.Kind), placeRecords(c.Places)}
	}
	return records
}

// placeRecord is a part of a paper on which two people disagree.
type placeRecord struct {
	Where  string `json:"where"`
	Base   string `json:"base"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	Take   string `json:"take"` // what is decided: ours, theirs or undecided
}

func placeRecords(places []merge.Place) []placeRecord {
	records := make([]placeRecord, len(places))
	for i, p := range places {
		records[i] = placeRecord{p.Where, p.Base, p.Ours, p.Theirs, p.Take.String()}
	}
	return records
}

// differenceRecord is a part of a paper that is other than it was.
type differenceRecord struct {
	Where  string `json:"where"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// joinedRecord is a paper that was joined, with what came from the other side.
type joinedRecord struct {
	Path   string             `json:"path"`
	Places []differenceRecord `json:"places"`
}

func joinedRecords(joined []repo.JoinedPaper) []joinedRecord {
	records := make([]joinedRecord, len(joined))
	for i, j := range joined {
		records[i] = joinedRecord{j.Path, make([]differenceRecord, len(j.Places))}
		for k, p := range j.Places {
			records[i].Places[k] = differenceRecord{p.Where, p.Base, p.Theirs}
		}
	}
	return records
}

// mostShown is how many places of one paper are printed for people.
const mostShown = 20

// showJoined lists the papers that were joined, and what came into them.
func (s *session) showJoined(joined []repo.JoinedPaper) {
	for _, j := range joined {
		s.line("joined: %s", j.Path)
		var where []string
		for _, p := range j.Places[:min(mostShown, len(j.Places))] {
			where = append(where, safe(p.Where))
		}
		if more := len(j.Places) - mostShown; more > 0 {
			where = append(where, fmt.Sprintf("and %d more", more))
		}
		if len(where) > 0 {
			s.line("  from the other side: %s", raw(strings.Join(where, ", ")))
		}
	}
}

// showPlaces lists the places of a conflict.
func (s *session) showPlaces(places []merge.Place) {
	for i, p := range places {
		if i == mostShown {
			s.line("  and %d more places", len(places)-i)
			return
		}
		decided := ""
		if p.Take != merge.Undecided {
			decided = "  (decided: " + p.Take.String() + ")"
		}
		s.line("  %s: ours %s, theirs %s, before %s%s", s.paint(colorName, p.Where), raw(quoted(p.Ours)), raw(quoted(p.Theirs)), raw(quoted(p.Base)), raw(decided))
	}
}

// quoted is what a place holds, on one line.
func quoted(text string) string {
	if text == "" {
		return "nothing"
	}
	return fmt.Sprintf("%q", text)
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
		if c.Reason != "" {
			s.line("  why: %s", c.Reason)
		}
		s.showPlaces(c.Places)
	}
}
