package lan

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"slices"
	"time"
)

// maxFound bounds the addresses of one engagement.
const maxFound = 1024

// Found is a copy that serves. That its key is a member's, and that the host there is that member's, is for the caller to
// check: by the settings, and by the host key when dialling.
type Found struct {
	Key      ed25519.PublicKey // device key, which signed this
	Addr     netip.AddrPort    // of the SSH server; the address is the one the packet came from
	ReadOnly bool
	Head     [32]byte
	Time     time.Time // by the clock over there
}

// asked are the moments after the start at which Find asks; later every announceEvery.
func asked() []time.Duration {
	return []time.Duration{0, 300 * time.Millisecond, time.Second, 10 * time.Second}
}

// Find asks who serves the engagement, until ctx ends, and reports each address of each copy once, and again when what it
// says changes. found is called from this goroutine. Being ended is no error; ErrNoNetwork says that nobody could be asked.
func Find(ctx context.Context, cfg Config, discovery [32]byte, found func(Found)) error {
	cfg = cfg.filled()
	secret, err := newSecret(discovery)
	if err != nil {
		return err
	}
	incoming := make(chan heard, waiting)
	f := &finder{
		cfg: cfg, secret: secret, found: found, known: map[origin]body{},
		// Answers come to a port of its own; announcements to the common one, which may not be had.
		own:    newRadio(ctx, cfg.Network, 0, incoming),
		common: newRadio(ctx, cfg.Network, DefaultPort, incoming),
	}
	defer f.own.close()
	defer f.common.close()
	f.refresh()
	begin := time.Now()
	times := asked()
	ask := time.NewTimer(0)
	defer ask.Stop()
	refresh := time.NewTicker(refreshEvery)
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			if f.asked {
				return nil
			}
			return f.failed
		case h := <-incoming:
			f.hear(h)
		case <-refresh.C:
			if f.refresh() {
				f.ask()
			}
		case <-ask.C:
			f.ask()
			times = times[1:]
			if len(times) == 0 {
				times = []time.Duration{time.Since(begin) + announceEvery}
			}
			ask.Reset(time.Until(begin.Add(times[0])))
		}
	}
}

// origin is where an announcement came from.
type origin struct {
	key  [ed25519.PublicKeySize]byte
	addr netip.AddrPort
}

type finder struct {
	cfg         Config
	secret      *secret
	own, common *radio
	found       func(Found)
	known       map[origin]body
	asked       bool  // a query went out
	failed      error // why none did
}

func (f *finder) refresh() bool {
	_, err := f.common.refresh()
	f.cfg.Log(err)
	more, _ := f.own.refresh()
	return more
}

func (f *finder) ask() {
	now := f.cfg.Now()
	today := f.secret.tagOf(dayOf(now))
	f.failed = f.own.broadcast(func(l Link) packet {
		return f.secret.pack(query(f.cfg.Instance, uint64(now.UnixMilli()), l.Own), today, newNonce())
	})
	f.asked = f.asked || f.failed == nil
}

func (f *finder) hear(h heard) {
	t, _ := h.packet.tag()
	if tags := f.secret.tags(f.cfg.Now()); !slices.Contains(tags[:], t) {
		return
	}
	b, err := f.secret.open(&h.packet)
	if err != nil || b.Kind != kindAnnouncement || b.Instance == f.cfg.Instance {
		return
	}
	from := origin{key: b.Key, addr: netip.AddrPortFrom(h.from.Addr(), b.Port)}
	last, ok := f.known[from]
	switch {
	case ok && b.Millis <= last.Millis, !ok && len(f.known) >= maxFound:
		return
	}
	f.known[from] = b
	if ok && b.ReadOnly == last.ReadOnly && b.Head == last.Head {
		return
	}
	f.found(Found{Key: b.Key[:], Addr: from.addr, ReadOnly: b.ReadOnly, Head: b.Head, Time: b.time()})
}
