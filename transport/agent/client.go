package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// Client is a connection to a peer that an agent keeps. Its methods may be called from many goroutines.
type Client struct {
	folder  string
	version string
	way     way
	info    Info
	lanes   *lanes // shared by all clients of one Dial
}

// lanes are the numbers of connections to one peer that are in use.
type lanes struct {
	mu    sync.Mutex
	taken [maxLane + 1]bool
}

func (l *lanes) take() (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for lane := 1; lane <= maxLane; lane++ {
		if !l.taken[lane] {
			l.taken[lane] = true
			return lane, true
		}
	}
	return 0, false
}

func (l *lanes) give(lane int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken[lane] = false
}

// local bounds what needs no network: an agent that does not take a connection and greet is none.
const local = time.Second

// Dial asks the agent in folder for a connection. Whatever is wrong with the agent is ErrNoAgent; the other errors are those
// of Dial in package ssh, about the peer.
func Dial(ctx context.Context, folder, version string, spec Spec) (*Client, error) {
	c := newClient(folder, version, spec)
	err := c.connect(ctx)
	if errors.Is(err, errVersion) {
		_ = Stop(ctx, folder)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func newClient(folder, version string, spec Spec) *Client {
	return &Client{folder: folder, version: version, way: way{Spec: spec}, lanes: &lanes{}}
}

// DialOrStart is Dial that starts an agent when there is none.
func DialOrStart(ctx context.Context, folder, version string, spec Spec, start func() error) (*Client, error) {
	err := present(ctx, folder, version)
	if errors.Is(err, errVersion) { // the new one needs its place
		_ = Stop(ctx, folder)
		if err := await(ctx, func() bool { return !errors.Is(present(ctx, folder, version), errVersion) }); err != nil {
			return nil, err
		}
		err = present(ctx, folder, version)
	}
	if err != nil {
		if err := start(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
		}
		if err := await(ctx, func() bool { return present(ctx, folder, version) == nil }); err != nil {
			return nil, err
		}
	}
	return Dial(ctx, folder, version, spec)
}

// present reports whether there is an agent of that version.
func present(ctx context.Context, folder, version string) error {
	conn, _, err := greet(ctx, folder, version)
	if err == nil {
		conn.Close()
	}
	return err
}

// await waits for an agent that was just started, or told to end.
func await(ctx context.Context, done func() bool) error {
	late := time.Now().Add(local)
	for pause := time.Millisecond; !done(); pause = min(2*pause, 20*time.Millisecond) {
		if time.Now().After(late) {
			return fmt.Errorf("%w: it does not start", ErrNoAgent)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
	return nil
}

// connect makes sure that the agent has the connection.
func (c *Client) connect(ctx context.Context) error {
	conn, r, err := greet(ctx, c.folder, c.version)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := writeJSON(conn, kindConnect, c.way); err != nil {
		return noAgent(ctx, err)
	}
	info, err := opened(r)
	if err != nil {
		return noAgent(ctx, err)
	}
	c.info = info
	return nil
}

// opened reads the answer to kindConnect and kindOpen.
func opened(r *reader) (info Info, err error) {
	k, content, err := r.next(kindOpened, kindFailed)
	if err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	if k == kindFailed {
		return Info{}, parseFailure(content)
	}
	if err := json.Unmarshal(content, &info); err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	return info, nil
}

// noAgent prefers the end of ctx to what it led to.
func noAgent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// errVersion: the agent is that of another version.
var errVersion = fmt.Errorf("%w: it is of another version", ErrNoAgent)

// greet connects to the agent and reads its line.
func greet(ctx context.Context, folder, version string) (net.Conn, *reader, error) {
	if err := checkFolder(folder); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	d := net.Dialer{Timeout: local}
	conn, err := d.DialContext(ctx, "unix", filepath.Join(folder, socketName))
	if err != nil {
		return nil, nil, noAgent(ctx, fmt.Errorf("%w: %w", ErrNoAgent, err))
	}
	_ = conn.SetReadDeadline(time.Now().Add(local))
	lines := bufio.NewReaderSize(conn, maxLine)
	line, err := lines.ReadSlice('\n')
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrNoAgent, err)
	case !strings.HasPrefix(string(line), greeting):
		err = fmt.Errorf("%w: it is something else", ErrNoAgent)
	case version != anyVersion && string(line) != protocol+version+"\n":
		err = errVersion
	}
	if err != nil {
		conn.Close()
		return nil, nil, noAgent(ctx, err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	return conn, &reader{r: lines}, nil
}

// Open starts a conversation, as Open of package ssh does: one round trip when the connection stands.
func (c *Client) Open(ctx context.Context, request []byte) (ssh.Stream, error) {
	if len(request) > ssh.MaxRequest {
		return nil, fmt.Errorf("%w: %d bytes", ssh.ErrRequest, len(request))
	}
	conn, r, err := greet(ctx, c.folder, c.version)
	if err != nil {
		return nil, c.lost(err)
	}
	s := newStream(ctx, conn, r)
	err = writeJSON(conn, kindOpen, c.way)
	if err == nil {
		err = writeFrame(conn, kindRequest, request)
	}
	if err == nil {
		_, err = opened(r)
	}
	if err != nil {
		s.Close()
		return nil, noAgent(ctx, c.lost(err))
	}
	return s, nil
}

// lost makes of an agent that went away what package ssh calls a connection that did.
func (c *Client) lost(err error) error {
	if errors.Is(err, ErrNoAgent) {
		return fmt.Errorf("%w: %w", ssh.ErrLost, err)
	}
	return err
}

// Another asks the agent for one more connection to the same peer.
func (c *Client) Another(ctx context.Context) (*Client, error) {
	lane, ok := c.lanes.take()
	if !ok {
		return nil, fmt.Errorf("%w: too many connections to one peer", ssh.ErrBusy)
	}
	other := &Client{folder: c.folder, version: c.version, way: way{Spec: c.way.Spec, Lane: lane}, lanes: c.lanes}
	if err := other.connect(ctx); err != nil {
		c.lanes.give(lane)
		return nil, err
	}
	return other, nil
}

// Close leaves the connection to the agent. It must be called once.
func (c *Client) Close() error {
	if c.way.Lane > 0 {
		c.lanes.give(c.way.Lane)
	}
	return nil
}

// Kept reports whether the agent had the connection before it was asked for it.
func (c *Client) Kept() bool { return c.info.Kept }

// HostKeyLine is the key that the peer showed, as in package ssh.
func (c *Client) HostKeyLine() string { return c.info.HostKey }

// UserKeyLine is the key that the peer accepted, as in package ssh.
func (c *Client) UserKeyLine() string { return c.info.UserKey }

// Ours reports whether the peer is esync's own server.
func (c *Client) Ours() bool { return c.info.Ours }

// RTT is the shortest round trip that the agent has seen.
func (c *Client) RTT() time.Duration { return c.info.RTT }

// Addr is the address that the agent has reached the peer at.
func (c *Client) Addr() net.Addr { return addr{c.info.Network, c.info.Addr} }

// Notes are sentences about keys that were passed over.
func (c *Client) Notes() []string { return c.info.Notes }

// Status asks the agent in folder what it has.
func Status(ctx context.Context, folder, version string) (State, error) {
	conn, r, err := greet(ctx, folder, version)
	if err != nil {
		return State{}, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(local))
	if err := writeFrame(conn, kindStatus, nil); err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	_, content, err := r.next(kindState)
	if err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	var s State
	if err := json.Unmarshal(content, &s); err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	return s, nil
}

// Stop tells the agent in folder to end when nothing is under way.
func Stop(ctx context.Context, folder string) error {
	conn, _, err := greet(ctx, folder, anyVersion)
	if err != nil {
		return err
	}
	defer conn.Close()
	return writeFrame(conn, kindStop, nil)
}
