package ssh

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	gossh "golang.org/x/crypto/ssh"
)

// HubConfig is what ServeHub needs. HostKey and Authorize must be there.
type HubConfig struct {
	HostKey Signer // ed25519

	// Authorize admits a key to the hub, as ServerConfig's does. Keys reach each other when they have an engagement in
	// common; what they may do there is decided by whom they reach, not here. The level does not matter.
	Authorize func(key PublicKey) (Grant, error)

	Log      func(Event) // may be nil; called from several goroutines
	Limits   HubLimits
	Counters *HubCounters // may be nil

	timing timing
	tap    func([]byte) // of tests: sees what passes
}

// HubLimits are those of Serve and of what passes through. Zero values are replaced by the defaults named.
type HubLimits struct {
	Limits
	Registrations int   // of one key at once: 8
	Relays        int   // connections that one key has opened through the hub and not closed: 64
	AllRelays     int   // the same of all keys together: 256
	Rate          int64 // bytes per second that may pass, both ways together, through what one key has opened; 0: any
}

func (l HubLimits) filled() HubLimits {
	for _, f := range []struct {
		field *int
		value int
	}{{&l.Registrations, 8}, {&l.Relays, 64}, {&l.AllRelays, 256}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}

// HubCounters count while the hub runs. They may be read at any time.
type HubCounters struct {
	Registrations atomic.Int64 // that stand
	Relays        atomic.Int64 // that stand
	Relayed       atomic.Int64 // that ever stood
	Bytes         atomic.Int64 // that passed, both ways
}

// ServeHub lets peers that cannot be reached from outside be reached through l, until ctx ends; it closes l. A peer
// registers by a remote forward, another reaches it by direct-tcpip, so ours and stock ssh clients can do either. Nothing
// is listened on and nothing is dialled for them: what one sends, the other gets, and that is their own SSH connection,
// of which the hub sees nothing but its size.
func ServeHub(ctx context.Context, l net.Listener, cfg HubConfig) error {
	h := &hub{HubConfig: cfg, ports: map[uint32]*registration{}, accounts: map[string]*account{}, relays: map[*relaying]struct{}{}}
	h.HubConfig.Limits = cfg.Limits.filled()
	h.timing = cfg.timing.filled()
	if h.Counters == nil {
		h.Counters = &HubCounters{}
	}
	authorize := cfg.Authorize
	if authorize != nil {
		authorize = h.admit
	}
	s, err := newServer(ServerConfig{
		HostKey: cfg.HostKey, Authorize: authorize, Log: cfg.Log, Limits: cfg.Limits.Limits, timing: cfg.timing,
	}, h)
	if err != nil {
		l.Close()
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { h.watch(ctx) })
	defer work.Wait()
	defer cancel()
	return s.serve(ctx, l)
}

// hub is the role of ServeHub, and the state of all its connections.
type hub struct {
	HubConfig

	mu       sync.Mutex
	count    uint64 // of registrations ever made: the newest has the highest
	ports    map[uint32]*registration
	accounts map[string]*account // by fingerprint
	relays   map[*relaying]struct{}
}

// account is what one key has at this moment.
type account struct {
	registrations int
	relays        int
	pace          *pace
}

// admit is Authorize for the hub.
func (h *hub) admit(key PublicKey) (Grant, error) {
	grant, err := h.Authorize(key)
	if err == nil && grant.NoRelay {
		err = errors.New("the key may not forward ports")
	}
	if err == nil && grant.Guest {
		err = ErrNotAuthorized
	}
	if err == nil && grant.Level == "" {
		grant.Level = LevelRead
	}
	return grant, err
}

// account returns that of the key, which close gives back. The caller holds h.mu.
func (h *hub) account(key string) *account {
	a := h.accounts[key]
	if a == nil {
		a = &account{pace: newPace(h.Limits.Rate)}
		h.accounts[key] = a
	}
	return a
}

// settle forgets an account in which nothing stands. The caller holds h.mu.
func (h *hub) settle(key string) {
	if a := h.accounts[key]; a != nil && a.registrations == 0 && a.relays == 0 {
		delete(h.accounts, key)
	}
}

// requests implements role.
func (h *hub) requests(c *serverConn, reqs <-chan *gossh.Request) {
	for req := range reqs {
		switch req.Type {
		case forwardRequest:
			reg, err := h.register(c, req.Payload)
			if err != nil {
				c.log.strange(Event{Kind: Refused, Remote: c.remote, Grant: c.who.grant, Reason: err.Error()})
				_ = req.Reply(false, nil)
				continue
			}
			var answer []byte
			if reg.chosen {
				answer = gossh.Marshal(bindReply{reg.port})
			}
			_ = req.Reply(true, answer)
			c.Log(Event{Kind: Registered, Remote: c.remote, Grant: c.who.grant, Port: int(reg.port)})
		case cancelRequest:
			_ = req.Reply(h.cancel(c, req.Payload), nil)
		default:
			_ = req.Reply(false, nil)
		}
	}
}

// open implements role.
func (h *hub) open(ctx context.Context, c *serverConn, fresh gossh.NewChannel) {
	if fresh.ChannelType() != directType {
		c.refuse(fresh, gossh.UnknownChannelType, sayHub)
		return
	}
	grant, err := c.authorize(c.who.key)
	if err != nil {
		c.refuse(fresh, gossh.Prohibited, sayWithdrawn)
		return
	}
	m, err := parseChannel(fresh.ExtraData())
	if err != nil {
		c.refuse(fresh, gossh.ConnectionFailed, sayMalformed)
		return
	}
	reg := h.find(m, grant)
	if reg == nil {
		c.refuse(fresh, gossh.ConnectionFailed, sayNobody)
		return
	}
	r := &relaying{hub: h, reg: reg, near: side{conn: c}, far: side{conn: reg.conn}}
	if !h.take(r, grant.Key) {
		c.refuse(fresh, gossh.ResourceShortage, sayTooMany)
		return
	}
	c.work.Go(func() {
		defer h.give(r, grant.Key)
		defer c.recovered()
		r.run(ctx, fresh)
	})
}

// take counts a relayed connection; false when there are enough.
func (h *hub) take(r *relaying, key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.account(key)
	if len(h.relays) >= h.Limits.AllRelays || a.relays >= h.Limits.Relays {
		h.settle(key)
		return false
	}
	a.relays++
	r.pace = a.pace
	h.relays[r] = struct{}{}
	h.Counters.Relays.Add(1)
	return true
}

func (h *hub) give(r *relaying, key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.relays, r)
	h.account(key).relays--
	h.settle(key)
	h.Counters.Relays.Add(-1)
}

// watch cuts, until ctx ends, what does not move because one side takes nothing.
func (h *hub) watch(ctx context.Context) {
	tick := time.NewTicker(h.timing.ask)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		h.mu.Lock()
		relays := make([]*relaying, 0, len(h.relays))
		for r := range h.relays {
			relays = append(relays, r)
		}
		h.mu.Unlock()
		for _, r := range relays {
			r.check(time.Now())
		}
	}
}
