package ssh

import (
	"bytes"
	"errors"
	"testing"
)

func TestSignerOfSeed(t *testing.T) {
	t.Parallel()
	seed := bytes.Repeat([]byte{7}, 32)
	one, err := SignerOfSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := SignerOfSeed(seed)
	if Fingerprint(one.PublicKey()) != Fingerprint(other.PublicKey()) || one.PublicKey().Type() != "ssh-ed25519" {
		t.Errorf("one seed gives two keys: %s", PublicLine(one.PublicKey(), ""))
	}
	if _, err := SignerOfSeed(seed[1:]); !errors.Is(err, ErrKey) {
		t.Errorf("a short seed: %v", err)
	}
}
