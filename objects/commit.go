package objects

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/esync/esync/internal/codec"
)

const commitVersion = 1

// Limits of a commit.
const (
	MaxParents = 16      // more than any merge makes
	MaxHeaders = 64      // room for what later versions add
	MaxText    = 1 << 20 // of the message; no person types more
	maxField   = 4096    // of names, addresses and header keys
	maxZone    = 18 * 60 // minutes; the widest that RFC 3339 times use
)

// Person is who made a commit.
type Person struct {
	Name string
	Mail string
}

// String gives "Name <mail>".
func (p Person) String() string {
	if p.Mail == "" {
		return p.Name
	}
	return p.Name + " <" + p.Mail + ">"
}

// Header is one extension of a commit. Readers keep the ones they don't know.
type Header struct {
	Key   string
	Value string
}

// Commit is one recorded state of the whole engagement and where it came from.
type Commit struct {
	Tree    ID
	Parents []ID
	// Generation is 1 + the greatest of the parents', so an ancestor's is
	// always smaller. Whoever receives a commit checks it.
	Generation uint64
	Author     Person
	// Device names the machine, as its owner calls it.
	Device string
	// When has the precision of a millisecond and the author's zone offset.
	When    time.Time
	Message string
	// Headers are strictly ascending by key.
	Headers []Header
	// Signature is an SSHSIG over Payload, or empty.
	Signature []byte
}

// Header gives the value of an extension, and whether it is there.
func (c *Commit) Header(key string) (string, bool) {
	for _, h := range c.Headers {
		if h.Key == key {
			return h.Value, true
		}
	}
	return "", false
}

// Payload is all of the encoding but the signature: what is signed.
func (c *Commit) Payload() []byte {
	if err := c.check(); err != nil {
		panic(fmt.Sprintf("objects: encode commit: %v", err))
	}
	b := make([]byte, 0, 256+len(c.Message))
	b = append(b, commitVersion)
	b = append(b, c.Tree[:]...)
	b = binary.AppendUvarint(b, uint64(len(c.Parents)))
	for _, p := range c.Parents {
		b = append(b, p[:]...)
	}
	b = binary.AppendUvarint(b, c.Generation)
	b = codec.AppendString(b, c.Author.Name)
	b = codec.AppendString(b, c.Author.Mail)
	b = codec.AppendString(b, c.Device)
	b = binary.AppendVarint(b, c.When.UnixMilli())
	_, zone := c.When.Zone()
	b = binary.AppendVarint(b, int64(zone/60))
	b = codec.AppendString(b, c.Message)
	b = binary.AppendUvarint(b, uint64(len(c.Headers)))
	for _, h := range c.Headers {
		b = codec.AppendString(b, h.Key)
		b = codec.AppendString(b, h.Value)
	}
	return b
}

// Encode gives the commit's one encoding. It panics when a field is out of its
// limits.
func (c *Commit) Encode() []byte { return codec.AppendString(c.Payload(), string(c.Signature)) }

func (c *Commit) check() error {
	_, zone := c.When.Zone()
	switch {
	case len(c.Parents) > MaxParents:
		return fmt.Errorf("%w: %d parents", ErrMalformed, len(c.Parents))
	case c.Generation == 0, len(c.Parents) == 0 && c.Generation != 1:
		return fmt.Errorf("%w: generation %d with %d parents", ErrMalformed, c.Generation, len(c.Parents))
	case len(c.Author.Name) > maxField, len(c.Author.Mail) > maxField, len(c.Device) > maxField:
		return fmt.Errorf("%w: author or device too long", ErrMalformed)
	case len(c.Message) > MaxText:
		return fmt.Errorf("%w: message of %d bytes", ErrMalformed, len(c.Message))
	case len(c.Headers) > MaxHeaders:
		return fmt.Errorf("%w: %d headers", ErrMalformed, len(c.Headers))
	case zone%60 != 0, zone/60 < -maxZone, zone/60 > maxZone:
		return fmt.Errorf("%w: zone of %d seconds", ErrMalformed, zone)
	}
	for i, p := range c.Parents {
		if p.IsZero() {
			return fmt.Errorf("%w: parent without id", ErrMalformed)
		}
		for _, q := range c.Parents[:i] {
			if p == q {
				return fmt.Errorf("%w: parent %s twice", ErrMalformed, p.Short())
			}
		}
	}
	last := ""
	for _, h := range c.Headers {
		if h.Key <= last || len(h.Key) > maxField {
			return fmt.Errorf("%w: header %q after %q", ErrMalformed, clip(h.Key), clip(last))
		}
		last = h.Key
	}
	return nil
}

// DecodeCommit reads what Encode made.
func DecodeCommit(content []byte) (*Commit, error) {
	d := newDecoder(content)
	if len(content) > MaxMeta {
		d.Fail("commit of %d bytes", len(content))
	}
	if v := d.Byte(); d.Err() == nil && v != commitVersion {
		d.Fail("commit version %d", v)
	}
	c := &Commit{Tree: d.ID()}
	if n := d.Count(IDSize, MaxParents); n > 0 {
		c.Parents = make([]ID, n)
		for i := range c.Parents {
			c.Parents[i] = d.ID()
		}
	}
	c.Generation = d.Uvarint()
	c.Author = Person{Name: string(d.Bytes(MaxMeta)), Mail: string(d.Bytes(MaxMeta))}
	c.Device = string(d.Bytes(MaxMeta))
	ms, zone := d.Varint(), d.Varint()
	if zone < -maxZone || zone > maxZone {
		d.Fail("zone of %d minutes", zone)
		zone = 0
	}
	c.When = time.UnixMilli(ms).In(time.FixedZone("", int(zone)*60))
	c.Message = string(d.Bytes(MaxMeta))
	if n := d.Count(2, MaxHeaders); n > 0 {
		c.Headers = make([]Header, n)
		for i := range c.Headers {
			c.Headers[i] = Header{Key: string(d.Bytes(MaxMeta)), Value: string(d.Bytes(MaxMeta))}
		}
	}
	if sig := d.Bytes(MaxMeta); len(sig) > 0 {
		c.Signature = append([]byte(nil), sig...)
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return c, c.check()
}
