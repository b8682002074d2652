package ssh

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skeema/knownhosts"
	gossh "golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// HostKeyQuestion is what a person is asked about an unknown host.
type HostKeyQuestion struct {
	Host        string // as it will be recorded
	Remote      string // the address it was reached at
	KeyType     string
	Fingerprint string
}

// hostKeyTypes are accepted of a host nothing is known of, best first. The old ssh-rsa (SHA-1) and DSA are not among them.
var hostKeyTypes = []string{
	gossh.KeyAlgoED25519, gossh.KeyAlgoECDSA256, gossh.KeyAlgoECDSA384, gossh.KeyAlgoECDSA521,
	gossh.KeyAlgoRSASHA512, gossh.KeyAlgoRSASHA256,
}

// maxExpected of the keys that would have done are named in an error.
const maxExpected = 4

// hostChecker decides about the key a host shows.
type hostChecker struct {
	known    *knownhosts.HostKeyDB // nil when only pins count
	pins     []hostPin
	settings *settings
	confirm  func(HostKeyQuestion) bool
	hold     func() func()
	accepted gossh.PublicKey
}

// hostPin is a key that is expected.
type hostPin struct {
	fingerprint string
	key         gossh.PublicKey // nil when only its fingerprint is known
}

func parsePins(lines []string) ([]hostPin, error) {
	var pins []hostPin
	for _, line := range lines {
		if strings.HasPrefix(line, "SHA256:") {
			pins = append(pins, hostPin{fingerprint: line})
			continue
		}
		key, err := ParsePublicLine(line)
		if err != nil {
			return nil, fmt.Errorf("host key to expect: %w", err)
		}
		pins = append(pins, hostPin{Fingerprint(key), key})
	}
	return pins, nil
}

// newHostChecker prepares the check of the keys that are expected, or else of the known_hosts files.
func newHostChecker(s *settings, cfg Config, hold func() func()) (*hostChecker, error) {
	pins, err := parsePins(cfg.HostKeys)
	if err != nil {
		return nil, err
	}
	h := &hostChecker{pins: pins, settings: s, confirm: cfg.ConfirmHostKey, hold: hold}
	if len(pins) > 0 && !cfg.OrKnownHosts {
		return h, nil
	}
	var files []string
	for _, file := range slices.Concat(s.userKnown, s.globalKnown) {
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	db, err := knownhosts.NewDB(files...)
	if err != nil { // one line it cannot read makes it give up; ssh skips such lines
		db, err = readableLines(files)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	h.known = db
	return h, nil
}

// readableLines reads copies of the files in which lines that cannot be read are empty.
func readableLines(files []string) (*knownhosts.HostKeyDB, error) {
	dir, err := os.MkdirTemp("", "esync-known-hosts-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	copies := make([]string, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var kept bytes.Buffer
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, len(text)+1)
		for lines.Scan() {
			line := lines.Bytes()
			if _, _, _, _, _, err := gossh.ParseKnownHosts(line); err == nil {
				kept.Write(line)
			}
			kept.WriteByte('\n')
		}
		copies[i] = filepath.Join(dir, fmt.Sprintf("%d-%s", i, filepath.Base(file)))
		if err := os.WriteFile(copies[i], kept.Bytes(), 0o600); err != nil {
			return nil, err
		}
	}
	return knownhosts.NewDB(copies...)
}

// algorithms puts the kinds of key that are known of this host first, so that a host with several shows one of them.
func (h *hostChecker) algorithms() []string {
	var types []string
	add := func(names []string) {
		for _, name := range names {
			if slices.Contains(gossh.SupportedAlgorithms().HostKeys, name) && !slices.Contains(types, name) {
				types = append(types, name)
			}
		}
	}
	open := h.known != nil // whether a key of another kind may do as well
	if h.known != nil {
		add(h.known.HostKeyAlgorithms(h.settings.knownAs))
	}
	for _, pin := range h.pins {
		if pin.key == nil {
			open = true
			continue
		}
		add(signaturesOf(pin.key))
	}
	if open {
		add(hostKeyTypes)
	}
	return types
}

// signaturesOf are the algorithms by which a host proves that it holds key.
func signaturesOf(key gossh.PublicKey) []string {
	switch key.Type() {
	case gossh.KeyAlgoRSA:
		return []string{gossh.KeyAlgoRSASHA512, gossh.KeyAlgoRSASHA256}
	case gossh.CertAlgoRSAv01:
		return []string{gossh.CertAlgoRSASHA512v01, gossh.CertAlgoRSASHA256v01}
	}
	return []string{key.Type()}
}

// otherKind is the error of a host that has no key of the kinds expected, only of the kinds named.
func (h *hostChecker) otherKind(shown []string) error {
	bad := &HostKeyError{Host: knownhosts.Normalize(h.settings.knownAs), Err: ErrHostKeyChanged,
		KeyType: printable(strings.Join(shown, " "), 200)}
	for _, pin := range h.pins[:min(len(h.pins), maxExpected)] {
		bad.Known = append(bad.Known, pin.fingerprint)
	}
	return bad
}

// check is the gossh.HostKeyCallback.
func (h *hostChecker) check(_ string, remote net.Addr, key gossh.PublicKey) error {
	if err := h.decide(remote, key); err != nil {
		return err
	}
	h.accepted = key
	return nil
}

func (h *hostChecker) decide(remote net.Addr, key gossh.PublicKey) error {
	bad := &HostKeyError{Host: knownhosts.Normalize(h.settings.knownAs), KeyType: key.Type(), Fingerprint: Fingerprint(key), Err: ErrHostKeyChanged}
	for _, pin := range h.pins {
		if pin.fingerprint == bad.Fingerprint {
			return nil
		}
		if len(bad.Known) < maxExpected {
			bad.Known = append(bad.Known, pin.fingerprint)
		}
	}
	if h.known == nil {
		return bad
	}
	bad.Known = nil
	if _, ok := remote.(*net.TCPAddr); !ok { // a jump host's or a pipe's address is none; the name decides anyway
		remote = &net.TCPAddr{IP: net.IPv4zero}
	}
	err := h.known.HostKeyCallback()(h.settings.knownAs, remote, key)
	var mismatch *xknownhosts.KeyError
	var revoked *xknownhosts.RevokedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		bad.Revoked = true
		return bad
	case errors.As(err, &mismatch) && len(mismatch.Want) > 0:
		for _, want := range mismatch.Want {
			bad.Known = append(bad.Known, fmt.Sprintf("%s (%s:%d)", Fingerprint(want.Key), want.Filename, want.Line))
		}
		return bad
	case errors.As(err, &mismatch):
		return h.unknown(remote, key, bad)
	}
	return fmt.Errorf("%w: %w", bad, err) // a certificate that does not hold
}

// unknown is the decision about a host of which no key is known.
func (h *hostChecker) unknown(remote net.Addr, key gossh.PublicKey, bad *HostKeyError) error {
	bad.Err = ErrHostKeyUnknown
	switch h.settings.strict {
	case strictYes:
		return bad
	case strictAsk:
		if h.confirm == nil {
			return bad
		}
		release := h.hold()
		yes := h.confirm(HostKeyQuestion{bad.Host, remote.String(), bad.KeyType, bad.Fingerprint})
		release()
		if !yes {
			return bad
		}
	}
	if len(h.settings.userKnown) == 0 {
		return nil
	}
	if err := appendKnown(h.settings.userKnown[0], bad.Host, key, h.settings.hashHosts); err != nil {
		// A host that cannot be remembered could never be found changed: better to say so now.
		return fmt.Errorf("%w: record host key: %w", ErrConfig, err)
	}
	return nil
}

// appendKnown adds one line by one write, which keeps lines of two processes whole.
func appendKnown(path, host string, key gossh.PublicKey, hashed bool) error {
	if hashed {
		host = xknownhosts.HashHostname(host)
	}
	line := host + " " + PublicLine(key, "") + "\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}
