package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/esync/esync/internal/sealed"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// Files of ESYNC_HOME.
const (
	userKeyFile = "id_ed25519"
	hostKeyFile = "host_ed25519"
)

// publicKey is a key of this user as others get to see it.
type publicKey struct {
	path        string // of the private half
	fingerprint string
	line        string // for authorized_keys
	created     bool   // just now
	signer      ssh.Signer
}

// userKey is the user's own key, which is made when there is none.
func (s *session) userKey() (publicKey, error) {
	author, err := s.env.author()
	if err != nil {
		return publicKey{}, err
	}
	who := author.Mail
	if who == "" {
		who = author.Name + "@" + s.env.device
	}
	path := filepath.Join(s.home, userKeyFile)
	signer, created, err := ssh.LoadOrCreateKey(path, s.env.random, who)
	if err != nil {
		return publicKey{}, fmt.Errorf("your key: %w", err)
	}
	return publicKey{path, ssh.Fingerprint(signer.PublicKey()), ssh.PublicLine(signer.PublicKey(), who), created, signer}, nil
}

// signer is what this user signs with. A key that cannot be had stops only what must be signed.
func (s *session) signer() sshsig.Signer {
	key, err := s.userKey()
	if err != nil {
		return noSigner{err}
	}
	return sshsig.New(key.signer)
}

// openingKey is the private half of the user's key, which opens bundles.
func (s *session) openingKey() (sealed.Key, error) {
	key, err := s.userKey()
	if err != nil {
		return sealed.Key{}, err
	}
	private, err := os.ReadFile(key.path)
	if err != nil {
		return sealed.Key{}, fmt.Errorf("your key: %w", err)
	}
	return sealed.ParseKey(private)
}

// noSigner is the signer of a user without a key.
type noSigner struct{ err error }

func (noSigner) Public() string { return "" }

func (n noSigner) Sign(string, []byte) ([]byte, error) { return nil, n.err }

// hostKey is the key by which others know this machine's "esync serve". It is made on first use.
func (s *session) hostKey() (ssh.Signer, error) {
	signer, _, err := ssh.LoadOrCreateKey(filepath.Join(s.home, hostKeyFile), s.env.random, "esync on "+s.env.device)
	if err != nil {
		return nil, fmt.Errorf("key of this machine: %w", err)
	}
	return signer, nil
}

// hostKeyLine is the public half of hostKey, or empty when there is none to be had: then this machine cannot serve.
func (s *session) hostKeyLine() string {
	key, err := s.hostKey()
	if err != nil {
		return ""
	}
	return ssh.PublicLine(key.PublicKey(), "")
}

// refusedKeyError is a peer that takes none of the user's keys.
type refusedKeyError struct {
	host string
	line string // of the user's own key, without a comment
	err  error
}

func (e *refusedKeyError) Error() string { return e.err.Error() }

func (e *refusedKeyError) Unwrap() error { return e.err }

func (e *refusedKeyError) hints() []string {
	if e.line == "" {
		return []string{fmt.Sprintf("ask for an invitation to %q (esync invite)", e.host)}
	}
	return []string{
		fmt.Sprintf("ask for an invitation to %q (esync invite), or that somebody there types with your key:", e.host),
		fmt.Sprintf("esync grant NAME full --key %q", e.line),
	}
}

// admission adds to a refusal what the user can pass on to get in.
func (s *session) admission(host string, err error) error {
	if !errors.Is(err, ssh.ErrAuth) && !errors.Is(err, transport.ErrNotMember) {
		return err
	}
	key, keyErr := s.userKey()
	if keyErr != nil {
		return &refusedKeyError{host, "", err}
	}
	return &refusedKeyError{host, ssh.PublicLine(key.signer.PublicKey(), ""), err}
}
