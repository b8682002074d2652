package ssh

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// maxAuthTries is OpenSSH's: people's agents offer several keys before the right one.
const maxAuthTries = 6

// passphraseTime is how long the holder of an admitted key may take to unlock it.
const passphraseTime = 2 * time.Minute

// The sentences a peer may read. Nothing about this side, or about other peers, is ever in them.
const (
	sayWithdrawn = "access was withdrawn"
	sayTooMany   = "too many requests at once"
	sayUnknown   = "only esync is spoken here"
	sayMalformed = "malformed request"
	sayHub       = "this is a relay between peers, and nothing else"
	sayNobody    = "nobody of that name is connected"
	sayCrowded   = "it has too many visitors"
	sayCommand   = "esync: this peer serves esync and nothing else; there is no shell here\r\n"
)

// serverConn is one connection of the server.
type serverConn struct {
	*server
	wire     *wire
	remote   string
	conn     *gossh.ServerConn
	who      admitted      // once it has logged in
	gone     chan struct{} // closed when nothing comes from the peer any more
	channels atomic.Int32
	work     sync.WaitGroup
}

type grantKey struct{} // of Permissions.ExtraData

// admitted is what the login decided.
type admitted struct {
	grant Grant
	key   gossh.PublicKey
}

// recovered turns a panic of this connection into the end of it, and of nothing else.
func (c *serverConn) recovered() {
	if p := recover(); p != nil {
		c.Log(Event{Kind: Failed, Remote: c.remote, Reason: "panic"})
		c.wire.fail(errors.New("internal error"))
	}
}

func (c *serverConn) run(ctx context.Context, a *arrival) {
	defer c.work.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.wire.Close()
	defer c.recovered()
	stop := context.AfterFunc(ctx, func() { c.wire.fail(context.Cause(ctx)) })
	defer stop()

	who, chans, reqs, err := c.login(a)
	leave := sync.OnceFunc(func() { c.gate.leave(a) })
	defer leave()
	if err != nil || !who.grant.Guest {
		leave()
	}
	if err != nil {
		c.log.strange(Event{Kind: Dropped, Remote: c.remote, Reason: "no login"})
		return
	}
	c.who = who
	if !c.stand(c) {
		c.log.strange(Event{Kind: Dropped, Remote: c.remote, Grant: who.grant, Reason: "too many connections"})
		return
	}
	defer c.unstand(c)
	if who.grant.Guest {
		// He keeps his place before the door, for no longer than a login takes.
		late := time.AfterFunc(c.timing.handshake, func() { c.wire.fail(errGuest) })
		defer late.Stop()
		c.gate.guest(a)
		c.log.strange(Event{Kind: Refused, Remote: c.remote, Grant: who.grant, Reason: "no member"})
	} else {
		c.Log(Event{Kind: Connected, Remote: c.remote, Grant: who.grant})
		defer func() {
			reason := "the peer left"
			if why := c.wire.why(); why != nil {
				reason = why.Error()
			}
			c.Log(Event{Kind: Closed, Remote: c.remote, Grant: who.grant, Reason: reason})
		}()
	}
	done := make(chan struct{})
	defer close(done)
	defer c.wire.Close() // before done: what waits for the peer's answers is freed by it
	c.work.Go(func() {
		defer c.recovered()
		c.wire.watch(c.timing, done, func() { _, _, _ = c.conn.SendRequest("keepalive@openssh.com", true, nil) })
	})
	defer c.role.left(c)
	c.work.Go(func() {
		defer c.recovered()
		c.role.requests(c, reqs)
	})
	for ch := range chans {
		c.role.open(ctx, c, ch)
	}
	close(c.gone)
	cancel() // the connection is over: so is the work for it
}

// login does the handshake within its time.
func (c *serverConn) login(a *arrival) (admitted, <-chan gossh.NewChannel, <-chan *gossh.Request, error) {
	// Not a deadline of the connection: those that come through a relay have none.
	late := time.AfterFunc(c.timing.handshake, func() { c.wire.fail(errLate) })
	defer late.Stop()
	var waits bool
	config := &gossh.ServerConfig{
		Config:                  gossh.Config{KeyExchanges: serverExchanges, Ciphers: ciphers, MACs: macs},
		ServerVersion:           banner,
		MaxAuthTries:            maxAuthTries,
		PublicKeyAuthAlgorithms: userKeyTypes,
		// Called for keys that are merely offered: it answers yes or no and remembers nothing.
		PublicKeyCallback: func(meta gossh.ConnMetadata, key gossh.PublicKey) (*gossh.Permissions, error) {
			grant, err := c.authorize(key)
			if err == nil && grant.Guest && !strings.HasPrefix(string(meta.ClientVersion()), bannerOurs) {
				err = errStockGuest
			}
			if err != nil {
				c.log.strange(Event{Kind: Refused, Remote: c.remote, Grant: Grant{Key: Fingerprint(key)}, Reason: err.Error()})
				return nil, errors.New("not admitted")
			}
			if !waits && !grant.Guest && c.gate.wait(a) { // the key is good; its owner may have to type a passphrase
				waits = true
				late.Reset(max(c.timing.handshake, passphraseTime))
			}
			return nil, nil
		},
		// Called when the peer has proved that it holds the key: only here a level is given.
		VerifiedPublicKeyCallback: func(_ gossh.ConnMetadata, key gossh.PublicKey, _ *gossh.Permissions, _ string) (*gossh.Permissions, error) {
			grant, err := c.authorize(key)
			if err != nil {
				return nil, errors.New("not admitted")
			}
			return &gossh.Permissions{ExtraData: map[any]any{grantKey{}: admitted{grant, key}}}, nil
		},
	}
	config.AddHostKey(c.HostKey)
	conn, chans, reqs, err := gossh.NewServerConn(c.wire, config)
	if err != nil {
		return admitted{}, nil, nil, err
	}
	if !late.Stop() {
		return admitted{}, nil, nil, errLate
	}
	who, ok := conn.Permissions.ExtraData[grantKey{}].(admitted)
	if !ok {
		return admitted{}, nil, nil, errors.New("login without a grant")
	}
	c.conn = conn
	if !who.grant.Guest {
		c.gate.pass()
	}
	return who, chans, reqs, nil
}

// errStockGuest keeps other programs' keys out: they offer several, and would stop at the first that only lets a guest in.
var errStockGuest = errors.New("no member")

// guestStreams are the streams a guest may have at once: anybody can be one, with a new key every time.
const guestStreams = 2

// errGuest is the cause when a guest's time is over.
var errGuest = errors.New("a guest stays no longer than a login takes")

// errLate is the cause when a peer does not log in within its time.
var errLate = errors.New("no login in time")

// authorize asks for the key's grant as it is now.
func (c *serverConn) authorize(key gossh.PublicKey) (Grant, error) {
	if _, ok := key.(*gossh.Certificate); ok {
		return Grant{}, errors.New("certificates are not taken")
	}
	grant, err := c.Authorize(key)
	if err != nil {
		return Grant{}, err
	}
	if grant.Level != LevelRead && grant.Level != LevelFull {
		return Grant{}, errors.New("the key has no level")
	}
	grant.Key = Fingerprint(key)
	return grant, nil
}

// refuse declines a channel, and notes that it did.
func (c *serverConn) refuse(fresh gossh.NewChannel, reason gossh.RejectionReason, say string) {
	_ = fresh.Reject(reason, say)
	c.log.strange(Event{Kind: Refused, Remote: c.remote, Grant: c.who.grant, Reason: say})
}

// take counts a stream of this connection; false when there are enough. give takes it back.
func (c *serverConn) take() bool {
	most := c.Limits.Channels
	if c.who.grant.Guest {
		most = min(most, guestStreams)
	}
	if int(c.channels.Add(1)) > most {
		c.channels.Add(-1)
		return false
	}
	if !c.stream(c.who.grant.Key) {
		c.channels.Add(-1)
		return false
	}
	return true
}

func (c *serverConn) give() {
	c.channels.Add(-1)
	c.unstream(c.who.grant.Key)
}

// conversations is the role of Serve.
type conversations struct{}

func (conversations) requests(_ *serverConn, reqs <-chan *gossh.Request) { gossh.DiscardRequests(reqs) }

func (conversations) left(*serverConn) {}

func (conversations) open(ctx context.Context, c *serverConn, fresh gossh.NewChannel) {
	kind := fresh.ChannelType()
	if kind != channelType && (kind != "session" || c.who.grant.Guest) {
		c.refuse(fresh, gossh.UnknownChannelType, sayUnknown)
		return
	}
	grant, err := c.authorize(c.who.key)
	if err != nil {
		c.refuse(fresh, gossh.Prohibited, sayWithdrawn)
		return
	}
	if !c.take() {
		c.refuse(fresh, gossh.ResourceShortage, sayTooMany)
		return
	}
	peer := Peer{Grant: grant, Key: PublicLine(c.who.key, ""), Remote: c.remote}
	if kind == "session" {
		c.work.Go(func() {
			defer c.give()
			defer c.recovered()
			c.session(ctx, peer, fresh)
		})
		return
	}
	request, follows, err := unpackPayload(fresh.ExtraData())
	if err != nil {
		c.give()
		c.refuse(fresh, gossh.ConnectionFailed, sayMalformed)
		return
	}
	c.work.Go(func() {
		defer c.give()
		defer c.recovered()
		ch, reqs, err := fresh.Accept()
		if err != nil {
			return
		}
		s := newStream(ch, reqs, own, c.wire, c.timing.linger)
		c.converse(ctx, peer, s, request, follows, c.Handle)
	})
}

// converse runs handle on s, and returns when the peer has let go of the channel: until then it counts.
func (c *serverConn) converse(ctx context.Context, peer Peer, s *stream, request []byte, follows bool,
	handle func(context.Context, Peer, Stream, []byte)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.work.Go(func() {
		<-s.gone
		cancel()
	})
	defer func() { <-s.gone }()
	status := uint32(1)
	defer func() { s.finish(status) }()
	defer func() {
		if p := recover(); p != nil {
			c.Log(Event{Kind: Failed, Remote: c.remote, Grant: peer.Grant, Reason: "panic"})
		}
	}()
	if follows {
		late := time.AfterFunc(c.timing.handshake, func() { s.Close() })
		var err error
		request, err = ReadRequest(s)
		if !late.Stop() || err != nil {
			return
		}
	}
	handle(ctx, peer, s, request)
	if s.CloseWrite() == nil {
		status = 0
	}
}
