package roster

import (
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
)

const (
	receiptVersion = 1
	maxReceipt     = 4 << 10
	maxLine        = 512
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
	b = binary.AppendUvarint(b, uint64(len(r.Line)))
	b = append(b, r.Line...)
	b = append(b, r.Head[:]...)
	return binary.AppendUvarint(b, uint64(max(r.Time.Unix(), 0)))
}

// DecodeReceipt reads what Encode made and tells who signed it. Whether that is an admin of the engagement is for the caller
// to judge. It is ErrForged when the signature is not right.
func DecodeReceipt(b []byte) (*Receipt, Key, error) {
	bad := func(what string) (*Receipt, Key, error) {
		return nil, Key{}, fmt.Errorf("receipt: %w: %s", ErrMalformed, what)
	}
	if len(b) > maxReceipt || len(b) < 1 {
		return bad(fmt.Sprintf("%d bytes", len(b)))
	}
	if b[0] != receiptVersion {
		return nil, Key{}, fmt.Errorf("receipt: %w: version %d", ErrNewer, b[0])
	}
	r := &Receipt{}
	rest := b[1:]
	if len(rest) < objects.IDSize {
		return bad("cut short")
	}
	r.Engagement, rest = objects.ID(rest[:objects.IDSize]), rest[objects.IDSize:]
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > maxLine || uint64(len(rest)-size) < n+objects.IDSize {
		return bad("cut short")
	}
	r.Line, rest = string(rest[size:size+int(n)]), rest[size+int(n):]
	r.Head, rest = objects.ID(rest[:objects.IDSize]), rest[objects.IDSize:]
	seconds, size := binary.Uvarint(rest)
	if size <= 0 || seconds > 1<<40 || !utf8.ValidString(r.Line) {
		return bad("wrong time or line")
	}
	r.Time, rest = time.Unix(int64(seconds), 0).UTC(), rest[size:]
	payload := r.payload()
	if string(payload) != string(b[:len(b)-len(rest)]) {
		return bad("a number in another form")
	}
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
