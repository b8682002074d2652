package roster

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
)

// InvitationPrefix is what every invitation begins with.
const InvitationPrefix = "esync1:"

const (
	invitationVersion = 1
	invitationCheck   = 4  // bytes of BLAKE3 at the end
	maxAddresses      = 16 // more would not fit what people send
	maxAddress        = 255
	maxInvitation     = 1 + 32 + 32 + 16 + 10 + 1 + maxAddresses*(1+maxAddress) + invitationCheck
)

var invitationText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Invitation is what a newcomer is given: enough to reach the inviter, to know him by his host key, and to be known by a
// secret that is good for one time. Whoever holds it may join, so it travels like a password.
type Invitation struct {
	Engagement objects.ID
	HostKey    Key
	Secret     [16]byte
	// Expires has the precision of a second.
	Expires time.Time
	// Addresses are where the inviter serves, HOST:PORT, the likeliest first. There may be none.
	Addresses []string
}

// Encode gives the one line that people pass on.
func (v *Invitation) Encode() (string, error) {
	if v.HostKey.IsZero() || v.Engagement.IsZero() || v.Expires.Unix() < 0 || len(v.Addresses) > maxAddresses {
		return "", fmt.Errorf("%w: invitation without engagement or host key, or with too many addresses", ErrMalformed)
	}
	b := []byte{invitationVersion}
	b = append(b, v.Engagement[:]...)
	b = append(b, v.HostKey.Public()...)
	b = append(b, v.Secret[:]...)
	b = binary.AppendUvarint(b, uint64(v.Expires.Unix()))
	b = append(b, byte(len(v.Addresses)))
	for _, a := range v.Addresses {
		if !goodAddress(a) {
			return "", fmt.Errorf("%w: address %q", ErrMalformed, clip(a))
		}
		b = append(append(b, byte(len(a))), a...)
	}
	return InvitationPrefix + invitationText.EncodeToString(append(b, checkOf(b)...)), nil
}

// ParseInvitation reads what Encode wrote, whatever the letter case; spaces and line ends that mail programs put in don't
// matter. It is ErrNewer when a later esync wrote it.
func ParseInvitation(text string) (*Invitation, error) {
	if len(text) > 4*maxInvitation {
		return nil, fmt.Errorf("%w: invitation of %d bytes", ErrMalformed, len(text))
	}
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	text, ok := strings.CutPrefix(text, InvitationPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: an invitation begins with %q", ErrMalformed, InvitationPrefix)
	}
	b, err := invitationText.DecodeString(text)
	if err != nil || invitationText.EncodeToString(b) != text || len(b) < 1+invitationCheck {
		return nil, fmt.Errorf("%w: the invitation is cut short or has a wrong letter", ErrMalformed)
	}
	b, sum := b[:len(b)-invitationCheck], b[len(b)-invitationCheck:]
	if string(checkOf(b)) != string(sum) {
		return nil, fmt.Errorf("%w: the invitation is cut short or has a wrong letter", ErrMalformed)
	}
	if b[0] != invitationVersion {
		return nil, fmt.Errorf("invitation: %w: version %d", ErrNewer, b[0])
	}
	return decodeInvitation(b[1:])
}

func decodeInvitation(b []byte) (*Invitation, error) {
	d := codec.NewDecoder(b, ErrMalformed)
	v := &Invitation{Engagement: d.ID()}
	host := d.ID()
	v.HostKey = KeyOf(host[:])
	copy(v.Secret[:], d.Take(len(v.Secret)))
	v.Expires = time.Unix(int64(d.Number(maxSeconds)), 0).UTC()
	count := d.Byte()
	if count > maxAddresses || v.Engagement.IsZero() {
		d.Fail("%d addresses, or no engagement", count)
	}
	for range count {
		a := string(d.Take(int(d.Byte())))
		if !goodAddress(a) {
			d.Fail("address %q", clip(a))
		}
		v.Addresses = append(v.Addresses, a)
	}
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("invitation: %w", err)
	}
	return v, nil
}

func checkOf(b []byte) []byte {
	sum := objects.Sum(objects.KindBlob, b)
	return sum[:invitationCheck]
}

// goodAddress tells whether a text may stand for an address: no word of the command line, nothing unseen.
func goodAddress(a string) bool {
	return a != "" && len(a) <= maxAddress && utf8.ValidString(a) && a[0] != '-' &&
		!strings.ContainsFunc(a, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) })
}

// Seed is what the invitation key is derived from, an ed25519 seed: by that key the newcomer logs in the first time.
func (v *Invitation) Seed() []byte {
	seed, err := hkdf.Key(sha256.New, v.Secret[:], v.Engagement[:], "esync invitation key 1", ed25519.SeedSize)
	if err != nil {
		panic("roster: " + err.Error()) // of this length there always is one
	}
	return seed
}

// Signer signs with the invitation key.
func (v *Invitation) Signer() sshsig.Signer { return sshsig.FromSeed(v.Seed()) }

// Key is the public half of the invitation key.
func (v *Invitation) Key() Key {
	return KeyOf(ed25519.NewKeyFromSeed(v.Seed()).Public().(ed25519.PublicKey))
}
