package ssh

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// strictness is StrictHostKeyChecking.
type strictness int

const (
	strictAsk strictness = iota
	strictYes
	strictAcceptNew
	strictNo
)

const defaultConnect = 15 * time.Second

// settings are what is needed to connect to one host: the target with the configuration applied.
type settings struct {
	target Target // as given
	host   string // to connect to
	port   int
	user   string

	identityFiles  []string
	identitiesOnly bool
	agent          string // address of the agent, "" for none

	knownAs      string // host and port as known_hosts is asked for them
	userKnown    []string
	globalKnown  []string
	strict       strictness
	hashHosts    bool
	jumps        []Target
	proxyCommand []string
	connect      time.Duration
}

// address is where to connect to.
func (s *settings) address() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// via is the host that connects to it, "" for this one.
func (s *settings) via() string {
	if len(s.jumps) == 0 {
		return ""
	}
	return s.jumps[len(s.jumps)-1].Host
}

// resolve applies the SSH configuration to t.
func resolve(t Target, cfg Config) (*settings, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	home := cfg.Home
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	found, err := readOptions(t, home, cfg.ConfigFile)
	if err != nil {
		return nil, err
	}
	s := &settings{target: t, host: t.Host, port: t.Port, user: t.User, connect: defaultConnect}
	if err := s.place(found); err != nil {
		return nil, err
	}
	if cfg.Connect > 0 {
		s.connect = cfg.Connect
	}
	expand := s.expander(home)
	if err := s.identity(found, expand, home, cfg); err != nil {
		return nil, err
	}
	if err := s.hostKeys(found, expand, home); err != nil {
		return nil, err
	}
	return s, s.proxy(found, expand)
}

func (s *settings) place(found options) error {
	if name := found.get("HostName"); name != "" {
		s.host = strings.NewReplacer("%%", "%", "%h", s.target.Host).Replace(name)
	}
	if s.port == 0 {
		s.port = 22
		if text := found.get("Port"); text != "" {
			port, err := parsePort(text)
			if err != nil {
				return fmt.Errorf("%w: Port: %w", ErrConfig, err)
			}
			s.port = port
		}
	}
	if s.user == "" {
		if s.user = found.get("User"); s.user == "" {
			s.user = localUser()
		}
	}
	if text := found.get("ConnectTimeout"); text != "" && !strings.EqualFold(text, "none") {
		seconds, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return fmt.Errorf("%w: ConnectTimeout %q", ErrConfig, text)
		}
		if seconds > 0 {
			s.connect = time.Duration(seconds) * time.Second
		}
	}
	// The configuration is the user's own, but what it yields goes the same way as what he types.
	if err := (Target{User: s.user, Host: s.host, Port: s.port}).Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

// expander replaces the percent tokens of file names and commands, and a leading ~.
func (s *settings) expander(home string) func(string) string {
	replacer := strings.NewReplacer("%%", "%", "%d", home, "%h", s.host, "%n", s.target.Host, "%p", strconv.Itoa(s.port),
		"%r", s.user, "%u", localUser())
	return func(text string) string { return expandHome(replacer.Replace(text), home) }
}

func (s *settings) identity(found options, expand func(string) string, home string, cfg Config) error {
	s.identitiesOnly = strings.EqualFold(found.get("IdentitiesOnly"), "yes")
	for _, o := range found["identityfile"] {
		if strings.EqualFold(o.value, "none") {
			continue
		}
		s.identityFiles = append(s.identityFiles, absolute(expand(o.value), home))
	}
	if len(found["identityfile"]) == 0 {
		for _, name := range []string{"id_ed25519", "id_ecdsa", "id_rsa"} {
			s.identityFiles = append(s.identityFiles, filepath.Join(home, ".ssh", name))
		}
	}
	switch agent := found.get("IdentityAgent"); {
	case strings.EqualFold(agent, "none"):
	case agent == "", agent == "SSH_AUTH_SOCK":
		if s.agent = cfg.getenv("SSH_AUTH_SOCK"); s.agent == "" {
			s.agent = defaultAgent
		}
	case strings.HasPrefix(agent, "$"):
		s.agent = cfg.getenv(strings.Trim(agent[1:], "{}"))
	default:
		s.agent = expand(agent)
	}
	return nil
}

func absolute(path, home string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(home, path)
}

func (s *settings) hostKeys(found options, expand func(string) string, home string) error {
	// Upper case in a name would never be found: ssh writes known_hosts in lower case.
	s.knownAs = net.JoinHostPort(strings.ToLower(s.host), strconv.Itoa(s.port))
	if alias := found.get("HostKeyAlias"); alias != "" {
		s.knownAs = net.JoinHostPort(alias, "22") // as in ssh, an alias stands without a port
	}
	s.userKnown = knownFiles(found.get("UserKnownHostsFile"), expand, home)
	if found.get("UserKnownHostsFile") == "" {
		s.userKnown = []string{filepath.Join(home, ".ssh", "known_hosts"), filepath.Join(home, ".ssh", "known_hosts2")}
	}
	s.globalKnown = knownFiles(found.get("GlobalKnownHostsFile"), expand, home)
	if found.get("GlobalKnownHostsFile") == "" {
		s.globalKnown = []string{filepath.Join(systemFolder(), "ssh_known_hosts"), filepath.Join(systemFolder(), "ssh_known_hosts2")}
	}
	s.hashHosts = strings.EqualFold(found.get("HashKnownHosts"), "yes")
	switch text := strings.ToLower(found.get("StrictHostKeyChecking")); text {
	case "", "ask":
		s.strict = strictAsk
	case "yes", "true":
		s.strict = strictYes
	case "accept-new":
		s.strict = strictAcceptNew
	case "no", "off", "false":
		s.strict = strictNo
	default:
		return fmt.Errorf("%w: StrictHostKeyChecking %q", ErrConfig, text)
	}
	return nil
}

// knownFiles splits a list of files; a name with spaces stands in quotes.
func knownFiles(text string, expand func(string) string, home string) []string {
	words, err := splitWords(text)
	if err != nil {
		words = []string{text}
	}
	var files []string
	for _, word := range words {
		if strings.EqualFold(word, "none") || word == os.DevNull || word == "/dev/null" {
			continue
		}
		files = append(files, absolute(expand(word), home))
	}
	return files
}

func (s *settings) proxy(found options, expand func(string) string) error {
	if jump := found.get("ProxyJump"); jump != "" {
		if strings.EqualFold(jump, "none") {
			return nil
		}
		for _, text := range strings.Split(jump, ",") {
			hop, err := ParseTarget(strings.TrimSpace(text))
			if err != nil {
				return fmt.Errorf("%w: ProxyJump: %w", ErrConfig, err)
			}
			s.jumps = append(s.jumps, hop)
		}
		return nil
	}
	commands := found["proxycommand"]
	if len(commands) == 0 || strings.EqualFold(commands[0].value, "none") {
		return nil
	}
	if !commands[0].own {
		return fmt.Errorf("%w: a ProxyCommand is run only from the user's own file", ErrConfig)
	}
	words, err := splitWords(strings.TrimPrefix(commands[0].value, "exec "))
	if err != nil {
		return fmt.Errorf("%w: ProxyCommand: %w", ErrConfig, err)
	}
	for i, word := range words {
		words[i] = expand(word)
	}
	s.proxyCommand = words
	return nil
}
