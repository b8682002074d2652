package roster

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
)

const (
	receiptVersion = 1
	maxReceipt     = 4 << 10
	maxLine        = 512
	// maxSeconds since 1970 are far beyond any year that a clock shows.
	maxSeconds = 1 << 40
)

// Receipt is the word of the top-level parent that a line had come to a commit at some time. Copies pass it on, so that
// whoever is in the field knows which of his commits the office has.
type Receipt struct {
	Engagement objects.ID
	Line       string
	Head       objects.ID
	// Time has the precision of a second.
	Time time.Time
}

// Encode signs the receipt and gives it as it travels:
//
//	1 byte    version, 1
//	32 bytes  engagement
//	uvarint   length of the line's name, and that many bytes
//	32 bytes  head
//	uvarint   seconds since 1970
//	...       SSHSIG over all before, for "receipt@esync"
func (r *Receipt) Encode(s sshsig.Signer) ([]byte, error) {
	b := r.payload()
	sig, err := s.Sign(namespaceReceipt, b)
	if err != nil {
		return nil, err
	}
	return append(b, sig...), nil
}

func (r *Receipt) payload() []byte {
	b := append([]byte{receiptVersion}, r.Engagement[:]...)
	b = codec.AppendString(b, r.Line)
	b = append(b, r.Head[:]...)
	return binary.AppendUvarint(b, uint64(max(r.Time.Unix(), 0)))
}

// DecodeReceipt reads what Encode made and tells who signed it. Whether that is an admin of the engagement is for the caller
// to judge. It is ErrForged when the signature is not right.
func DecodeReceipt(b []byte) (*Receipt, Key, error) {
	if len(b) > maxReceipt {
		return nil, Key{}, fmt.Errorf("receipt: %w: %d bytes", ErrMalformed, len(b))
	}
	d := codec.NewDecoder(b, ErrMalformed)
	if v := d.Byte(); d.Err() == nil && v != receiptVersion {
		return nil, Key{}, fmt.Errorf("receipt: %w: version %d", ErrNewer, v)
	}
	r := &Receipt{Engagement: d.ID(), Line: d.Text(maxLine), Head: d.ID(), Time: time.Unix(int64(d.Number(maxSeconds)), 0).UTC()}
	if d.Err() != nil {
		return nil, Key{}, fmt.Errorf("receipt: %w", d.Err())
	}
	rest := d.Rest()
	payload := b[:len(b)-len(rest)]
	line, err := sshsig.Verify(namespaceReceipt, payload, rest)
	if err != nil {
		return nil, Key{}, fmt.Errorf("receipt: %w: %w", ErrForged, err)
	}
	key, err := ParseKey(line)
	if err != nil {
		return nil, Key{}, fmt.Errorf("receipt: %w: %w", ErrForged, err)
	}
	return r, key, nil
}
