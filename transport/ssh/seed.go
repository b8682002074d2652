package ssh

import (
	"crypto/ed25519"
	"fmt"

	gossh "golang.org/x/crypto/ssh"
)

// SignerOfSeed is the signer of the 32 bytes that an ed25519 key is derived from.
func SignerOfSeed(seed []byte) (Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%w: a seed of %d bytes", ErrKey, len(seed))
	}
	signer, err := gossh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return signer, nil
}
