package main

import (
	"context"
	"errors"
	"time"

	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// eventRecord is one line of "esync serve --json".
type eventRecord struct {
	Event      string   `json:"event"` // listening, connected, joined, pulled, pushed, refused, closed, dropped, failed
	Time       string   `json:"time"`
	Address    string   `json:"address,omitempty"` // ours when listening, else the peer's
	Via        string   `json:"via,omitempty"`     // the hub
	Engagement string   `json:"engagement,omitempty"`
	ID         string   `json:"id,omitempty"`
	Level      string   `json:"level,omitempty"`
	HostKey    string   `json:"host_key,omitempty"`
	Who        string   `json:"who,omitempty"`
	Key        string   `json:"key,omitempty"`
	Commits    int      `json:"commits,omitempty"`
	Bytes      int64    `json:"bytes,omitempty"`
	Subjects   []string `json:"subjects,omitempty"` // of the newest commits
	Files      int      `json:"files,omitempty"`    // of this copy that followed
	Waiting    int      `json:"waiting,omitempty"`  // those whose new version waits for the owner's next sync
	Reason     string   `json:"reason,omitempty"`
}

// listening says on stdout that others may come now.
func (s *session) listening(address, via string, e repo.Hosted, level, key string) error {
	if s.json {
		return s.object(eventRecord{
			Event: "listening", Time: s.env.now().Format(time.RFC3339), Address: address, Via: via, Engagement: e.Name, ID: e.ID.String(),
			Level: level, HostKey: key,
		})
	}
	if via != "" {
		address = hubName(via) + "/" + address
	}
	s.line("listening %s %s %s %s", address, e.Name, level, key)
	return nil
}

// event tells what happened: to programs on stdout, to people on stderr.
func (s *session) event(e eventRecord) {
	e.Time = s.env.now().Format(time.RFC3339)
	if s.json {
		_ = s.object(e) // a reader that went away does not end the service
		return
	}
	if !s.quiet {
		s.note("%s %s", s.env.now().Format("15:04:05"), raw(eventText(e)))
	}
}

// connectionEvent is the log of the SSH server.
func (s *session) connectionEvent(e ssh.Event) {
	rec := eventRecord{Event: string(e.Kind), Address: e.Remote, Who: e.Grant.Name, Key: e.Grant.Key, Reason: e.Reason}
	if e.Kind == ssh.Connected {
		rec.Level = e.Grant.Level
	}
	s.event(rec)
}

// subjectsTold is how many commits of a push are told of.
const subjectsTold = 3

// conversationEvent tells how a conversation ended.
func (v *service) conversationEvent(ctx context.Context, peer ssh.Peer, w *witness, err error) {
	rec := eventRecord{Address: peer.Remote, Who: peer.Name, Key: peer.Grant.Key, Engagement: w.name()}
	switch {
	case w.push != nil:
		rec.Event, rec.Commits, rec.Bytes = "pushed", w.push.Commits, w.push.Bytes
		p := v.took(w.tip)
		rec.Files, rec.Waiting = p.Files.Updated+p.Files.Removed, len(p.Files.Waiting)
		rec.Subjects = v.subjects(ctx, rec.Engagement, w.line, min(w.push.Commits, subjectsTold))
	case refusal(err):
		rec.Event, rec.Reason = "refused", err.Error()
	case err != nil:
		rec.Event, rec.Reason = "failed", err.Error()
	case w.read:
		rec.Event = "pulled"
	default:
		return // he asked which engagement this is, and no more
	}
	v.s.event(rec)
}

// refusal tells errors of peers who asked for what they may not have.
func refusal(err error) bool {
	for _, is := range []error{transport.ErrRefused, transport.ErrUnknownEngagement, transport.ErrNotMember, transport.ErrForged} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// subjects are what the newest commits of a line say, each in one line.
func (v *service) subjects(ctx context.Context, engagement, line string, n int) []string {
	var lines []string
	for _, o := range v.offers {
		if o.Name != engagement || line == "" || n == 0 {
			continue
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		for e, err := range o.repo.Log(ctx, repo.LogOptions{From: line, Limit: n}) {
			if err != nil {
				break
			}
			lines = append(lines, subject(e.Commit.Message))
		}
	}
	return lines
}
