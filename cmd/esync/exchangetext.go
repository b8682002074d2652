package main

import (
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/worktree"
)

func (s *session) showExchange(verb string, res *repo.SyncResult) {
	sent, received := humanize.Bytes(uint64(res.BytesSent)), humanize.Bytes(uint64(res.BytesReceived))
	switch {
	case res.Peer == "" && res.UpToDate:
		s.line("this is a top-level parent, and nothing waits to be joined")
	case res.Peer == "":
		s.line("joined %s that had arrived: %s", count(res.Commits, "commit"), raw(filesChanged(res.Files)))
	case res.UpToDate:
		s.line("in step with %q, nothing to %s", res.Peer, verb)
	case verb == "pull":
		s.line("pulled %s from %q: %s, %s received", count(res.Commits, "commit"), res.Peer, raw(filesChanged(res.Files)), received)
	case verb == "push":
		s.line("pushed %s to %q: %s sent", count(res.Commits, "commit"), res.Peer, sent)
	default:
		s.line("in step with %q: %s exchanged, %s, %s received, %s sent", res.Peer, count(res.Commits, "commit"),
			raw(filesChanged(res.Files)), received, sent)
	}
	s.detail("%s", count(res.RoundTrips, "round trip"))
	for _, note := range res.Notes {
		s.warn("%s", note)
	}
	s.showJoined(res.Joined)
	s.showConflicts(res.Conflicts)
	s.showWaiting(res.Files.Waiting)
}

// showWaiting lists files whose new version waits.
func (s *session) showWaiting(waiting []worktree.Note) {
	for _, n := range waiting {
		s.warn("%q waits: %s", n.Path, n.Text)
	}
}

// pathLike tells whether text can only be meant as a folder, not as a name.
func pathLike(text string) bool {
	return strings.ContainsAny(text, `/\`) || strings.HasPrefix(text, ".")
}
