package roster

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
)

// maxJoin bounds the payload of a join.
const maxJoin = 16 << 10

// Join is what a newcomer says of himself.
type Join struct {
	// Invitation is the public half of the invitation key.
	Invitation Key `json:"invitation"`
	// Key is his device's, HostKey what it will show when it serves.
	Key     Key    `json:"key"`
	HostKey Key    `json:"host_key,omitzero"`
	Author  string `json:"author,omitempty"`
	Device  string `json:"device,omitempty"`
}

// joinFile is a Join with its proofs.
type joinFile struct {
	Format int `json:"format"`
	Join
	// ByDevice is signed by Key, ByInvitation by the invitation key: he has both.
	ByDevice     []byte `json:"by_device"`
	ByInvitation []byte `json:"by_invitation"`
}

// Encode signs what the newcomer says, by his device's key and by that of the invitation, for one engagement.
func (j Join) Encode(engagement objects.ID, device, invitation sshsig.Signer) (payload []byte, err error) {
	f := joinFile{Format: Format, Join: j}
	message := j.message(engagement)
	if f.ByDevice, err = device.Sign(namespaceJoin, message); err != nil {
		return nil, err
	}
	if f.ByInvitation, err = invitation.Sign(namespaceJoin, message); err != nil {
		return nil, err
	}
	return compact(f)
}

// message is what both sign: "esync join 1", the engagement, and the fields, each behind its length.
func (j Join) message(engagement objects.ID) []byte {
	b := append([]byte("esync join 1\n"), engagement[:]...)
	for _, s := range []string{j.Invitation.String(), j.Key.String(), j.HostKey.String(), j.Author, j.Device} {
		b = codec.AppendString(b, s)
	}
	return b
}

// DecodeJoin reads what Encode made and verifies both signatures. It is ErrForged when one is not right.
func DecodeJoin(engagement objects.ID, payload []byte) (*Join, error) {
	if len(payload) > maxJoin {
		return nil, fmt.Errorf("join: %w: %d bytes", ErrMalformed, len(payload))
	}
	if err := strict(payload); err != nil {
		return nil, fmt.Errorf("join: %w: %w", ErrMalformed, err)
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	var f joinFile
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("join: %w: %w", ErrMalformed, err)
	}
	if f.Format > Format {
		return nil, fmt.Errorf("join: %w: format %d", ErrNewer, f.Format)
	}
	if err := checkTexts(f.Author, f.Device); err != nil || f.Format < 1 || f.Key.IsZero() || f.Invitation.IsZero() {
		return nil, fmt.Errorf("join: %w: a field is missing or too long", ErrMalformed)
	}
	message := f.message(engagement)
	for _, proof := range []struct {
		key       Key
		signature []byte
	}{{f.Key, f.ByDevice}, {f.Invitation, f.ByInvitation}} {
		by, err := sshsig.Verify(namespaceJoin, message, proof.signature)
		if err != nil {
			return nil, fmt.Errorf("join: %w: %w", ErrForged, err)
		}
		if by != proof.key.String() {
			return nil, fmt.Errorf("join: %w: signed by another key than the one that is to join", ErrForged)
		}
	}
	return &f.Join, nil
}
