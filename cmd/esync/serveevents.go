package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// eventRecord is one line of "esync serve --json".
type eventRecord struct {
	Event      string `json:"event"` // listening, connected, pulled, pushed, refused, closed, dropped, failed
	Time       string `json:"time"`
	Address    string `json:"address,omitempty"` // ours when listening, else the peer's
	Engagement string `json:"engagement,omitempty"`
	ID         string `json:"id,omitempty"`
	Level      string `json:"level,omitempty"`
	HostKey    string `json:"host_key,omitempty"`
	Who        string `json:"who,omitempty"`
	Key        string `json:"key,omitempty"`
	Commits    int    `json:"commits,omitempty"`
	Bytes      int64  `json:"bytes,omitempty"`
	Reason     string `json:"reason,omitempty"`
}

// listening says on stdout that others may come now.
func (s *session) listening(address string, e repo.Hosted, level, key string) error {
	if s.json {
		return s.object(eventRecord{
			Event: "listening", Time: s.env.now().Format(time.RFC3339), Address: address, Engagement: e.Name, ID: e.ID.String(),
			Level: level, HostKey: key,
		})
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
	if s.quiet {
		return
	}
	words := []string{e.Event}
	for _, word := range []string{e.Address, e.Who, e.Engagement, e.Level, e.Reason} {
		if word != "" {
			words = append(words, safe(word))
		}
	}
	if e.Event == "pushed" {
		words = append(words, count(e.Commits, "commit"))
	}
	s.note("%s %s", s.env.now().Format("15:04:05"), raw(strings.Join(words, " ")))
}

// connectionEvent is the log of the SSH server.
func (s *session) connectionEvent(e ssh.Event) {
	rec := eventRecord{Event: string(e.Kind), Address: e.Remote, Who: e.Grant.Name, Key: e.Grant.Key, Reason: e.Reason}
	if e.Kind == ssh.Connected {
		rec.Level = e.Grant.Level
	}
	s.event(rec)
}

// conversationEvent tells how a conversation ended.
func (s *session) conversationEvent(peer ssh.Peer, w *witness, err error) {
	rec := eventRecord{Address: peer.Remote, Who: peer.Name, Key: peer.Grant.Key, Engagement: w.name()}
	switch {
	case w.push != nil:
		rec.Event, rec.Commits, rec.Bytes = "pushed", w.push.Commits, w.push.Bytes
	case errors.Is(err, transport.ErrRefused), errors.Is(err, transport.ErrUnknownEngagement):
		rec.Event, rec.Reason = "refused", err.Error()
	case err != nil:
		rec.Event, rec.Reason = "failed", err.Error()
	case w.read:
		rec.Event = "pulled"
	default:
		return // he asked which engagement this is, and no more
	}
	s.event(rec)
}

// witness is a transport.Host that notes what one conversation is about.
type witness struct {
	host transport.Host

	mu         sync.Mutex
	engagement string
	read       bool
	push       *transport.Pushed
}

func (w *witness) name() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.engagement
}

// Unwrap leads to the optional powers of the host.
func (w *witness) Unwrap() transport.Host { return w.host }

// Open implements transport.Host.
func (w *witness) Open(ctx context.Context, engagement string, id objects.ID) (transport.Engagement, error) {
	e, err := w.host.Open(ctx, engagement, id)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.engagement = e.Name()
	w.mu.Unlock()
	if u, ok := e.(transport.Updater); ok {
		return witnessedUpdater{u, w}, nil
	}
	return witnessed{e, w}, nil
}

func (w *witness) frames(f transport.Frames) transport.Frames {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = true
	return f
}

type witnessed struct {
	transport.Engagement
	witness *witness
}

// Unwrap leads to the optional powers of the engagement.
func (e witnessed) Unwrap() transport.Engagement { return e.Engagement }

func (e witnessed) Frames() transport.Frames { return e.witness.frames(e.Engagement.Frames()) }

type witnessedUpdater struct {
	transport.Updater
	witness *witness
}

// Unwrap leads to the optional powers of the engagement.
func (u witnessedUpdater) Unwrap() transport.Engagement { return u.Updater }

func (u witnessedUpdater) Frames() transport.Frames { return u.witness.frames(u.Updater.Frames()) }

// Update implements transport.Updater.
func (u witnessedUpdater) Update(ctx context.Context, changes []refs.Change, from transport.Pushed) error {
	err := u.Updater.Update(ctx, changes, from)
	if err == nil {
		u.witness.mu.Lock()
		defer u.witness.mu.Unlock()
		u.witness.push = &from
	}
	return err
}
