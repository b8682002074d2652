package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const (
	// maxOffers keys are tried: sshd hangs up after six failures, and so does our own server.
	maxOffers = 6

	agentPatience = 3 * time.Second // to list keys; signing may take as long as a person needs
)

// identity is one key that may be offered.
type identity struct {
	signer gossh.Signer
	origin string // for people: a file, "agent", "given"
	esync  bool   // from Config: esync's own key
	local  bool   // it works without the agent of this dial
}

func (i identity) String() string {
	key := i.signer.PublicKey()
	return fmt.Sprintf("%s %s (%s)", key.Type(), Fingerprint(key), i.origin)
}

// keyring holds the keys of one dial, in the order of the configuration.
type keyring struct {
	identities []identity
	skipped    []string
	agent      io.Closer
	holds      func() func()

	mu      sync.Mutex
	offered []identity
	used    *identity // the one that signed last
}

// gather collects keys: those the configuration names, esync's own, then what else the agent holds.
func (k *keyring) gather(ctx context.Context, s *settings, cfg Config, hold func() func()) {
	fromAgent := k.fromAgent(ctx, s)
	for _, path := range s.identityFiles {
		k.addFile(path, false, fromAgent, cfg, hold)
	}
	for _, signer := range cfg.Signers {
		k.add(identity{signer, "given", true, true}, hold)
	}
	for _, path := range cfg.Identities {
		k.addFile(path, true, fromAgent, cfg, hold)
	}
	if !s.identitiesOnly {
		for _, signer := range fromAgent {
			k.add(identity{signer, "agent", false, false}, hold)
		}
	}
}

func (k *keyring) fromAgent(ctx context.Context, s *settings) []gossh.Signer {
	if s.agent == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, agentPatience)
	defer cancel()
	conn, err := dialAgent(ctx, s.agent)
	if err != nil {
		if s.agent != defaultAgent {
			k.skipped = append(k.skipped, "agent: cannot be reached")
		}
		return nil
	}
	k.agent = conn
	deadline, _ := conn.(interface{ SetDeadline(time.Time) error })
	if deadline != nil {
		_ = deadline.SetDeadline(time.Now().Add(agentPatience))
		defer func() { _ = deadline.SetDeadline(time.Time{}) }()
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		k.skipped = append(k.skipped, "agent: "+printable(err.Error(), 200))
	}
	return signers
}

// addFile adds the key of a private key file, or of the .pub file when only the agent has the other half.
func (k *keyring) addFile(path string, esync bool, fromAgent []gossh.Signer, cfg Config, hold func() func()) {
	public := publicOf(path)
	if public == nil {
		public = publicOf(path + ".pub")
	}
	if public != nil {
		for _, signer := range fromAgent {
			if bytes.Equal(signer.PublicKey().Marshal(), public.Marshal()) {
				k.add(identity{signer, path, esync, false}, hold)
				return
			}
		}
	}
	private, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		k.skipped = append(k.skipped, fmt.Sprintf("%q: %v", path, err))
		return
	}
	signer, err := gossh.ParsePrivateKey(private)
	var sealed *gossh.PassphraseMissingError
	switch {
	case err == nil:
		k.add(identity{signer, path, esync, true}, hold)
	case errors.As(err, &sealed):
		if sealed.PublicKey != nil {
			public = sealed.PublicKey
		}
		if cfg.Passphrase == nil || public == nil {
			k.skipped = append(k.skipped, fmt.Sprintf("%q: it has a passphrase; add it to the agent by ssh-add", path))
			return
		}
		signer = &sealedSigner{path: path, public: public, private: private, ask: cfg.Passphrase}
		k.add(identity{signer, path, esync, true}, hold)
	case publicOf(path) != nil:
		k.skipped = append(k.skipped, fmt.Sprintf("%q: the agent does not hold its private key", path))
	default:
		k.skipped = append(k.skipped, fmt.Sprintf("%q: not a private key", path))
	}
}

func publicOf(path string) gossh.PublicKey {
	text, err := os.ReadFile(path)
	if err != nil || len(text) > maxKeyFile {
		return nil
	}
	key, err := ParsePublicLine(string(text))
	if err != nil {
		return nil
	}
	return key
}

// add takes a key once, however many ways lead to it.
func (k *keyring) add(id identity, hold func() func()) {
	for i, known := range k.identities {
		if bytes.Equal(known.signer.PublicKey().Marshal(), id.signer.PublicKey().Marshal()) {
			k.identities[i].esync = known.esync || id.esync
			return
		}
	}
	k.identities = append(k.identities, id)
	k.holds = hold
}

// order returns the signers to offer. Each offer in vain costs a round trip, so a server of ours is shown esync's own key
// first, and a stock sshd last, but before the limit cuts it off.
func (k *keyring) order(ours bool) []gossh.Signer {
	var first, second []identity
	for _, id := range k.identities {
		if id.esync == ours {
			first = append(first, id)
		} else {
			second = append(second, id)
		}
	}
	second = second[:min(len(second), maxOffers)]
	if room := maxOffers - min(len(second), 2); len(first) > room {
		for _, id := range first[room:] {
			k.skipped = append(k.skipped, id.String()+": too many keys")
		}
		first = first[:room]
	}
	chosen := append(first, second...)
	chosen = chosen[:min(len(chosen), maxOffers)]
	signers := make([]gossh.Signer, len(chosen))
	for i, id := range chosen {
		signers[i] = &offer{Signer: id.signer, id: id, ring: k}
	}
	return signers
}

// only keeps the key that was accepted before: a second connection need not try the others.
func (k *keyring) only(key PublicKey) {
	k.identities = slices.DeleteFunc(k.identities, func(id identity) bool {
		return !bytes.Equal(id.signer.PublicKey().Marshal(), key.Marshal())
	})
}

func (k *keyring) close() {
	if k.agent != nil {
		_ = k.agent.Close()
	}
}

// failure is the error of a peer that took none of the keys.
func (k *keyring) failure(s *settings, err error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	failure := &AuthError{Host: s.host, User: s.user, Skipped: k.skipped, Err: err}
	for _, id := range k.offered {
		failure.Offered = append(failure.Offered, id.String())
	}
	return failure
}

// offer is a signer that notes that it was asked, and stops the clock while it signs: a hardware key waits for a touch.
type offer struct {
	gossh.Signer
	id   identity
	ring *keyring
	once sync.Once
}

// Algorithms is what x/crypto asks for just before it offers the key.
func (o *offer) Algorithms() []string {
	o.once.Do(func() {
		o.ring.mu.Lock()
		defer o.ring.mu.Unlock()
		o.ring.offered = append(o.ring.offered, o.id)
	})
	if multi, ok := o.Signer.(gossh.MultiAlgorithmSigner); ok {
		return multi.Algorithms()
	}
	return algorithmsOf(o.PublicKey())
}

func algorithmsOf(key gossh.PublicKey) []string {
	if cert, ok := key.(*gossh.Certificate); ok {
		key = cert.Key
	}
	if key.Type() == gossh.KeyAlgoRSA {
		return []string{gossh.KeyAlgoRSASHA512, gossh.KeyAlgoRSASHA256}
	}
	return []string{key.Type()}
}

func (o *offer) SignWithAlgorithm(random io.Reader, data []byte, algorithm string) (*gossh.Signature, error) {
	o.ring.mu.Lock()
	o.ring.used = &o.id
	o.ring.mu.Unlock()
	defer o.ring.holds()()
	if signer, ok := o.Signer.(gossh.AlgorithmSigner); ok {
		return signer.SignWithAlgorithm(random, data, algorithm)
	}
	return o.Signer.Sign(random, data)
}

// sealedSigner is a key file with a passphrase, asked for when a peer wants this key and not before.
type sealedSigner struct {
	path    string
	public  gossh.PublicKey
	private []byte
	ask     func(path string) ([]byte, error)

	mu     sync.Mutex
	opened gossh.Signer
}

func (s *sealedSigner) PublicKey() gossh.PublicKey { return s.public }

func (s *sealedSigner) Sign(random io.Reader, data []byte) (*gossh.Signature, error) {
	return s.SignWithAlgorithm(random, data, algorithmsOf(s.public)[0])
}

func (s *sealedSigner) SignWithAlgorithm(random io.Reader, data []byte, algorithm string) (*gossh.Signature, error) {
	signer, err := s.open()
	if err != nil {
		return nil, err
	}
	if multi, ok := signer.(gossh.AlgorithmSigner); ok {
		return multi.SignWithAlgorithm(random, data, algorithm)
	}
	return signer.Sign(random, data)
}

// open asks once.
func (s *sealedSigner) open() (gossh.Signer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened != nil {
		return s.opened, nil
	}
	passphrase, err := s.ask(s.path)
	if err != nil {
		return nil, fmt.Errorf("passphrase of %q: %w", s.path, err)
	}
	signer, err := gossh.ParsePrivateKeyWithPassphrase(s.private, passphrase)
	clear(passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: the passphrase does not open it", ErrKey, s.path)
	}
	if !bytes.Equal(signer.PublicKey().Marshal(), s.public.Marshal()) {
		return nil, fmt.Errorf("%w: %q: public and private key differ", ErrKey, s.path)
	}
	s.opened = signer
	return signer, nil
}
