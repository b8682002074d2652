package agent

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/esync/esync/transport/ssh"
)

// Spec says which connection is wanted: to whom, by which way, with which keys on both sides. Two commands with the same
// Spec share a connection.
type Spec struct {
	Target ssh.Target   `json:"target"`
	Jump   []ssh.Target `json:"jump,omitempty"`

	HostKeys     []string `json:"host_keys,omitempty"`
	OrKnownHosts bool     `json:"or_known_hosts,omitempty"`

	Home       string        `json:"home,omitempty"`
	ConfigFile string        `json:"config_file,omitempty"`
	Identities []string      `json:"identities,omitempty"`
	As         string        `json:"as,omitempty"` // public key line of the user, so that another key is another connection
	Agent      string        `json:"agent,omitempty"`
	Remote     string        `json:"remote,omitempty"`
	Connect    time.Duration `json:"connect,omitempty"`
}

const agentVariable = "SSH_AUTH_SOCK"

// SpecOf puts what Dial of package ssh would be told into a Spec; false when it holds keys in memory, which are not given
// to another process. as is the user's public key line.
func SpecOf(t ssh.Target, cfg ssh.Config, as string) (Spec, bool) {
	if len(cfg.Signers) > 0 {
		return Spec{}, false
	}
	s := Spec{
		Target: t, Jump: cfg.Jump, HostKeys: slices.Sorted(slices.Values(cfg.HostKeys)), OrKnownHosts: cfg.OrKnownHosts,
		Home: cfg.Home, ConfigFile: cfg.ConfigFile, Identities: cfg.Identities, As: as, Remote: cfg.RemoteCommand, Connect: cfg.Connect,
	}
	if cfg.Getenv != nil {
		s.Agent = cfg.Getenv(agentVariable)
	}
	return s, true
}

// config is what Dial of package ssh is told. Nobody is asked anything.
func (s Spec) config() ssh.Config {
	return ssh.Config{
		Jump: s.Jump, HostKeys: s.HostKeys, OrKnownHosts: s.OrKnownHosts, Home: s.Home, ConfigFile: s.ConfigFile,
		Identities: s.Identities, RemoteCommand: s.Remote, Connect: s.Connect,
		Getenv: func(name string) string {
			if name == agentVariable {
				return s.Agent
			}
			return ""
		},
	}
}

// maxLane is the highest lane: nobody needs more connections to one peer.
const maxLane = 7

// way is one connection to a peer.
type way struct {
	Spec Spec `json:"spec"`
	Lane int  `json:"lane"`
}

// parseWay reads a way, strictly, and returns it with the key under which its connection is kept.
func parseWay(content []byte) (w way, key string, err error) {
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil || decoder.More() {
		return way{}, "", fmt.Errorf("%w: a way", ErrFrame)
	}
	if w.Lane < 0 || w.Lane > maxLane {
		return way{}, "", fmt.Errorf("%w: lane %d", ErrFrame, w.Lane)
	}
	if err := w.Spec.Target.Check(); err != nil {
		return way{}, "", err
	}
	for _, hop := range w.Spec.Jump {
		if err := hop.Check(); err != nil {
			return way{}, "", err
		}
	}
	key, err = w.key()
	return w, key, err
}

// key is what the connection is kept under.
func (w way) key() (string, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("%w: a way", ErrFrame)
	}
	return string(text), nil
}

// Info is what is known of a connection.
type Info struct {
	HostKey string        `json:"host_key"`
	UserKey string        `json:"user_key,omitempty"`
	Ours    bool          `json:"ours"`
	Addr    string        `json:"addr"`
	Network string        `json:"network"`
	RTT     time.Duration `json:"rtt"`
	Notes   []string      `json:"notes,omitempty"`
	Kept    bool          `json:"kept"` // it stood before
}

// addr is the address of a peer, as the agent tells it.
type addr struct{ network, text string }

func (a addr) Network() string { return a.network }
func (a addr) String() string  { return a.text }

var _ net.Addr = addr{}

// State is what an agent has at this moment.
type State struct {
	Version     string      `json:"version"`
	Connections []StateLine `json:"connections"`
	Streams     int         `json:"streams"`
}

// StateLine is one kept connection.
type StateLine struct {
	Target string        `json:"target"`
	Via    string        `json:"via,omitempty"`
	Lane   int           `json:"lane"`
	Idle   time.Duration `json:"idle"`
}
