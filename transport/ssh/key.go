package ssh

import (
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	gossh "golang.org/x/crypto/ssh"
)

// PublicKey and Signer are those of golang.org/x/crypto/ssh, under names that keep that module at home here.
type (
	PublicKey = gossh.PublicKey
	Signer    = gossh.Signer
)

// Fingerprint is the key's name for people and logs: SHA256: and base64, as ssh-keygen -l prints it.
func Fingerprint(key PublicKey) string { return gossh.FingerprintSHA256(key) }

// PublicLine is the key as one line of authorized_keys, without a line end.
func PublicLine(key PublicKey, comment string) string {
	line := strings.TrimSuffix(string(gossh.MarshalAuthorizedKey(key)), "\n")
	if comment = printable(comment, 200); comment != "" {
		line += " " + comment
	}
	return line
}

// ParsePublicLine reads what PublicLine writes. A line with options is refused: see ParseAuthorizedKeys.
func ParsePublicLine(line string) (PublicKey, error) {
	key, _, options, rest, err := gossh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(options) > 0 || len(strings.TrimSpace(string(rest))) > 0 {
		return nil, fmt.Errorf("%w: not one plain public key", ErrKey)
	}
	return key, nil
}

// GenerateKey makes an ed25519 key out of 32 bytes of random: the private key in OpenSSH's format, not encrypted, and the
// public line.
func GenerateKey(random io.Reader, comment string) (private []byte, public string, err error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, "", fmt.Errorf("make key: %w", err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	comment = printable(comment, 200)
	block, err := gossh.MarshalPrivateKey(key, comment)
	if err != nil {
		return nil, "", fmt.Errorf("make key: %w", err)
	}
	pub, err := gossh.NewPublicKey(key.Public())
	if err != nil {
		return nil, "", fmt.Errorf("make key: %w", err)
	}
	return pem.EncodeToMemory(block), PublicLine(pub, comment), nil
}

// ParseKey reads a private key that is not encrypted.
func ParseKey(private []byte) (Signer, error) {
	signer, err := gossh.ParsePrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return signer, nil
}

// LoadOrCreateKey reads the private key in the file path, or makes one there, readable by its owner only, with the public
// line beside it in path.pub. Of two callers who create at once, both get the key of one of them.
func LoadOrCreateKey(path string, random io.Reader, comment string) (signer Signer, created bool, err error) {
	private, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		private, created, err = createKeyFile(path, random, comment)
	}
	if err != nil {
		return nil, false, err
	}
	if signer, err = ParseKey(private); err != nil {
		return nil, false, fmt.Errorf("read key %q: %w", path, err)
	}
	return signer, created, nil
}

func createKeyFile(path string, random io.Reader, comment string) ([]byte, bool, error) {
	private, public, err := GenerateKey(random, comment)
	if err != nil {
		return nil, false, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, fmt.Errorf("make key: %w", err)
	}
	part, err := os.CreateTemp(dir, ".key-*") // CreateTemp gives 0600 and never an existing file
	if err != nil {
		return nil, false, fmt.Errorf("make key: %w", err)
	}
	defer os.Remove(part.Name())
	_, err = part.Write(private)
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return nil, false, fmt.Errorf("make key: %w", err)
	}
	switch err := os.Link(part.Name(), path); { // unlike a rename, a link never replaces a key that came first
	case errors.Is(err, fs.ErrExist):
		private, err := readKeyFile(path)
		return private, false, err
	case err != nil: // a file system without hard links
		if err := writeNew(path, private); err != nil {
			return nil, false, fmt.Errorf("make key: %w", err)
		}
	}
	if err := os.WriteFile(path+".pub", []byte(public+"\n"), 0o644); err != nil {
		return nil, false, fmt.Errorf("make key: %w", err)
	}
	return private, true, nil
}

func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

const maxKeyFile = 64 << 10 // an RSA key of 16384 bits takes 13 KiB

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("%w: %q is too large", ErrKey, path)
	}
	return data, nil
}
