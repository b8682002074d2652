package ssh

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"slices"
	"strings"
)

// registration is one peer that wants to be reached through the hub.
type registration struct {
	conn   *serverConn
	bind   string // as the peer named it, and will recognise it
	port   uint32 // of no socket: a number that is nobody else's in this hub
	chosen bool   // by the hub
	number uint64
}

// Ports that the hub gives to those who name none.
const (
	firstPort = 20000
	portCount = 40000
)

var (
	errManyRegistrations = errors.New("too many registrations of one key")
	errPortTaken         = errors.New("the port is somebody else's")
)

// HubName is the name under which a hub of ours finds the holder of key, besides HubAlias of the name it knows him by.
func HubName(key PublicKey) string {
	sum := sha256.Sum256(key.Marshal())
	return "key-" + hex.EncodeToString(sum[:10])
}

// HubAlias makes of a member's name one that can stand where a host name does: "Ann Smith" is reached as ann-smith. It may
// be empty.
func HubAlias(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 63 {
			break
		}
	}
	return strings.Trim(b.String(), "-.")
}

// register makes c reachable. A key that comes again after its connection broke takes its old place over.
func (h *hub) register(c *serverConn, payload []byte) (*registration, error) {
	m, err := parseBind(payload)
	if err != nil {
		return nil, err
	}
	key := c.who.grant.Key
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.account(key)
	defer h.settle(key)
	reg := &registration{conn: c, bind: m.Host, port: m.Port}
	if m.Port == 0 {
		reg.port, reg.chosen = h.freePort(key), true
	}
	if before := h.ports[reg.port]; before != nil {
		if before.conn.who.grant.Key != key {
			return nil, errPortTaken
		}
		h.remove(before)
	}
	if a.registrations >= h.Limits.Registrations {
		return nil, errManyRegistrations
	}
	a.registrations++
	h.count++
	reg.number = h.count
	h.ports[reg.port] = reg
	h.Counters.Registrations.Add(1)
	return reg, nil
}

// freePort is the same for the same key wherever it can be: addresses that people have written down stay good.
func (h *hub) freePort(key string) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(key))
	for i := uint32(0); ; i++ { // ends: there are fewer registrations than ports
		port := firstPort + (sum.Sum32()%portCount+i)%portCount
		if h.ports[port] == nil {
			return port
		}
	}
}

// remove takes a registration out. The caller holds h.mu.
func (h *hub) remove(reg *registration) {
	key := reg.conn.who.grant.Key
	delete(h.ports, reg.port)
	h.account(key).registrations--
	h.settle(key)
	h.Counters.Registrations.Add(-1)
}

// cancel is the peer's wish to be reached no longer.
func (h *hub) cancel(c *serverConn, payload []byte) bool {
	m, err := parseBind(payload)
	if err != nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	reg := h.ports[m.Port]
	if reg == nil || reg.conn != c {
		return false
	}
	h.remove(reg)
	return true
}

// left implements role.
func (h *hub) left(c *serverConn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, reg := range h.ports {
		if reg.conn == c {
			h.remove(reg)
		}
	}
}

// find returns whom m is meant for, nil when there is nobody whom the holder of grant may know of. A name finds the port
// named, or else the newest registration under it; localhost is the hub itself, as with a stock sshd, and needs the port.
func (h *hub) find(m channelMessage, grant Grant) *registration {
	name := strings.ToLower(m.Host)
	h.mu.Lock()
	defer h.mu.Unlock()
	if reg := h.ports[m.Port]; reg != nil && (isLocal(name) || reg.isCalled(name)) && reg.knownTo(grant) {
		return reg
	}
	var best *registration
	for _, reg := range h.ports {
		if reg.isCalled(name) && reg.knownTo(grant) && (best == nil || reg.number > best.number) {
			best = reg
		}
	}
	return best
}

func isLocal(name string) bool {
	return name == "localhost" || name == "127.0.0.1" || name == "::1" || name == ""
}

func (r *registration) isCalled(name string) bool {
	return name != "" && (name == HubName(r.conn.who.key) || name == HubAlias(r.conn.who.grant.Name))
}

// knownTo reports whether the two have an engagement in common.
func (r *registration) knownTo(grant Grant) bool {
	theirs := r.conn.who.grant.Engagements
	return len(theirs) == 0 || len(grant.Engagements) == 0 ||
		slices.ContainsFunc(theirs, func(name string) bool { return slices.Contains(grant.Engagements, name) })
}
