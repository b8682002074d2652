package ssh

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// checkHostKey runs a check of key against known_hosts under the given configuration.
func checkHostKey(t *testing.T, known, config, pins string, target Target, key gossh.PublicKey, confirm func(HostKeyQuestion) bool) (*hostChecker, string, error) {
	t.Helper()
	home := t.TempDir()
	file := filepath.Join(home, ".ssh", "known_hosts")
	if known != "" {
		write(t, file, known)
	}
	write(t, filepath.Join(home, "config"), config+"\nGlobalKnownHostsFile none\n")
	cfg := Config{Home: home, ConfigFile: filepath.Join(home, "config"), ConfirmHostKey: confirm}
	if pins != "" {
		pins, cfg.OrKnownHosts = strings.CutPrefix(pins, "or known_hosts;")
		cfg.HostKeys = strings.Split(pins, ";")
	}
	s, err := resolve(target, cfg)
	if err != nil {
		t.Fatal(err)
	}
	h, err := newHostChecker(s, cfg, func() func() { return func() {} })
	if err != nil {
		t.Fatal(err)
	}
	err = h.check("", &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: s.port}, key)
	text, _ := os.ReadFile(file)
	return h, string(text), err
}

func TestKnownHosts(t *testing.T) {
	t.Parallel()
	key, other := mustKey(t), mustKey(t)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := gossh.NewPublicKey(&ecKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	line := func(host string, key gossh.PublicKey) string { return host + " " + PublicLine(key, "") + "\n" }
	office := Target{Host: "Office.Example", Port: 2222}
	for name, c := range map[string]struct {
		known, config, pin string
		target             Target
		err                error
		first              string // algorithm asked for first
	}{
		"known":                  {known: line("[office.example]:2222", key), target: office, first: "ssh-ed25519"},
		"without a last newline": {known: strings.TrimSpace(line("[office.example]:2222", key)), target: office},
		"hashed":                 {known: line(xknownhosts.HashHostname("[office.example]:2222"), key), target: office},
		"hashed, changed":        {known: line(xknownhosts.HashHostname("[office.example]:2222"), other), target: office, err: ErrHostKeyChanged},
		"port 22":                {known: line("office.example", key), target: Target{Host: "office.example"}},
		"another port":           {known: line("office.example", key), target: office, err: ErrHostKeyUnknown},
		"wildcard and port":      {known: line("*.example", key), target: office},
		"wildcard, changed":      {known: line("*.example", other), target: office, err: ErrHostKeyChanged},
		"several kinds":          {known: line("[office.example]:2222", ec) + line("[office.example]:2222", key), target: office, first: "ecdsa-sha2-nistp256"},
		"only another kind":      {known: line("[office.example]:2222", ec), target: office, err: ErrHostKeyChanged, first: "ecdsa-sha2-nistp256"},
		"changed":                {known: line("[office.example]:2222", other), target: office, err: ErrHostKeyChanged},
		"changed, strict no":     {known: line("[office.example]:2222", other), config: "StrictHostKeyChecking no", target: office, err: ErrHostKeyChanged},
		"unknown":                {known: line("elsewhere", key), target: office, err: ErrHostKeyUnknown, first: "ssh-ed25519"},
		"no file":                {target: office, err: ErrHostKeyUnknown},
		"strict yes":             {config: "StrictHostKeyChecking yes", target: office, err: ErrHostKeyUnknown},
		"alias":                  {known: line("vault", key), config: "HostKeyAlias vault", target: office},
		"real name":              {known: line("[real.example]:2222", key), config: "HostName real.example", target: office},
		"revoked":                {known: line("[office.example]:2222", key) + "@revoked " + line("*", key), target: office, err: ErrHostKeyChanged},
		"a line of nonsense":     {known: "what is this\nhost ssh-future AAAA\n" + line("[office.example]:2222", key), target: office},
		"IPv6":                   {known: line("[2001:db8::1]:2222", key), target: Target{Host: "2001:db8::1", Port: 2222}},
		"pinned key":             {known: line("[office.example]:2222", other), pin: PublicLine(key, ""), target: office, first: "ssh-ed25519"},
		"pinned fingerprint":     {pin: Fingerprint(key), target: office},
		"pinned, changed":        {known: line("[office.example]:2222", key), pin: Fingerprint(other), target: office, err: ErrHostKeyChanged},
		"one of several":         {pin: PublicLine(ec, "") + ";" + PublicLine(other, "") + ";" + PublicLine(key, ""), target: office, first: "ecdsa-sha2-nistp256"},
		"none of several":        {known: line("[office.example]:2222", key), pin: PublicLine(ec, "") + ";" + PublicLine(other, ""), target: office, err: ErrHostKeyChanged},
		"pinned or known":        {known: line("[office.example]:2222", ec), pin: "or known_hosts;" + PublicLine(key, ""), target: office, first: "ecdsa-sha2-nistp256"},
		"not pinned but known":   {known: line("[office.example]:2222", key), pin: "or known_hosts;" + PublicLine(other, ""), target: office},
		"neither":                {known: line("[office.example]:2222", ec), pin: "or known_hosts;" + PublicLine(other, ""), target: office, err: ErrHostKeyChanged},
		"neither, nor another":   {known: line("elsewhere", key), pin: "or known_hosts;" + PublicLine(other, ""), target: office, err: ErrHostKeyUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, after, err := checkHostKey(t, c.known, c.config, c.pin, c.target, key, nil)
			want(t, err, c.err)
			if after != c.known {
				t.Errorf("known_hosts became %q", after)
			}
			if got := h.algorithms()[0]; c.first != "" && got != c.first {
				t.Errorf("it asks for %v", h.algorithms())
			}
			var bad *HostKeyError
			if c.err != nil && (!errors.As(err, &bad) || bad.Fingerprint != Fingerprint(key)) {
				t.Errorf("the error is %#v", err)
			}
		})
	}
}

func TestUnknownHostIsRecorded(t *testing.T) {
	t.Parallel()
	key := mustKey(t)
	target := Target{Host: "office.example", Port: 2222}
	yes := func(q HostKeyQuestion) bool {
		return q == HostKeyQuestion{"[office.example]:2222", "192.0.2.1:2222", "ssh-ed25519", Fingerprint(key)}
	}
	for name, c := range map[string]struct {
		known, config string
		confirm       func(HostKeyQuestion) bool
		recorded      bool
		err           error
	}{
		"accept-new":      {known: "# mine\n", config: "StrictHostKeyChecking accept-new", recorded: true},
		"no new line":     {known: "# mine", config: "StrictHostKeyChecking accept-new", recorded: true},
		"no":              {config: "StrictHostKeyChecking no", recorded: true},
		"into nothing":    {config: "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null"},
		"asked, yes":      {confirm: yes, recorded: true},
		"asked, no":       {confirm: func(HostKeyQuestion) bool { return false }, err: ErrHostKeyUnknown},
		"hashed":          {config: "StrictHostKeyChecking accept-new\nHashKnownHosts yes", recorded: true},
		"yes never asks":  {config: "StrictHostKeyChecking yes", confirm: yes, err: ErrHostKeyUnknown},
		"into a new file": {config: "StrictHostKeyChecking accept-new", recorded: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, after, err := checkHostKey(t, c.known, c.config, "", target, key, c.confirm)
			want(t, err, c.err)
			if !c.recorded {
				if after != c.known {
					t.Errorf("known_hosts became %q", after)
				}
				return
			}
			rest, kept := strings.CutPrefix(after, c.known)
			if !kept || strings.Count(strings.TrimPrefix(rest, "\n"), "\n") != 1 || !strings.HasSuffix(rest, "\n") {
				t.Errorf("known_hosts became %q", after)
			}
			if strings.Contains(c.config, "Hash") == strings.Contains(after, "office") {
				t.Errorf("known_hosts became %q", after)
			}
			// What was written is found, by us and by the rules for a changed key.
			if _, _, err := checkHostKey(t, after, "", "", target, key, nil); err != nil {
				t.Error(err)
			}
			_, _, err = checkHostKey(t, after, "", "", target, mustKey(t), nil)
			want(t, err, ErrHostKeyChanged)
		})
	}
}

func TestHostCertificates(t *testing.T) {
	t.Parallel()
	ca, _ := newKey(t)
	host := mustKey(t)
	cert := &gossh.Certificate{Key: host, CertType: gossh.HostCert, ValidPrincipals: []string{"office.example"}, ValidBefore: gossh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, ca); err != nil {
		t.Fatal(err)
	}
	known := fmt.Sprintf("@cert-authority *.example %s\n", PublicLine(ca.PublicKey(), ""))
	h, _, err := checkHostKey(t, known, "", "", Target{Host: "office.example"}, cert, nil)
	if err != nil || !slices.Contains(h.algorithms(), gossh.CertAlgoED25519v01) {
		t.Errorf("%v, asking for %v", err, h.algorithms())
	}
	if _, _, err := checkHostKey(t, known, "", "", Target{Host: "vault.example"}, cert, nil); err == nil {
		t.Error("a certificate for another host was taken")
	}
}

// The same over the wire: a hard stop has its own error, and no key of ours is shown to such a host.
func TestHostKeyOverTheWire(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	_, err := Dial(t.Context(), s.target(), s.client(func(c *Config) { c.HostKeys = []string{Fingerprint(mustKey(t)), PublicLine(mustKey(t), "")} }))
	want(t, err, ErrHostKeyChanged)
	s.know(mustKey(t))
	_, err = Dial(t.Context(), s.target(), s.client(nil))
	want(t, err, ErrHostKeyChanged)
	write(t, filepath.Join(s.home, ".ssh", "known_hosts"), "")
	_, err = Dial(t.Context(), s.target(), s.client(nil))
	want(t, err, ErrHostKeyUnknown)
	c := s.dial(func(c *Config) { c.ConfirmHostKey = func(HostKeyQuestion) bool { return true } })
	c.Close()
	s.dial(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	if connected := slices.IndexFunc(s.events, func(e Event) bool { return e.Kind == Connected }); connected < 3 {
		t.Errorf("the log says %v", s.events)
	}
}

// Law: AcceptNew believes a hub at first sight where the configuration leaves it to a person, and nowhere else.
func TestAcceptNew(t *testing.T) {
	t.Parallel()
	s := &settings{strict: strictAsk}
	s.accept(Config{AcceptNew: true})
	strict := &settings{strict: strictYes}
	strict.accept(Config{AcceptNew: true})
	asking := &settings{strict: strictAsk}
	asking.accept(Config{})
	if s.strict != strictAcceptNew || strict.strict != strictYes || asking.strict != strictAsk {
		t.Errorf("%v, %v, %v", s.strict, strict.strict, asking.strict)
	}
}
