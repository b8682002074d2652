package roster

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/esync/esync/internal/codec"
	"github.com/esync/esync/objects"
)

const (
	credentialsMagic = "\x01creds"
	// maxCredentials bounds them unpacked.
	maxCredentials = 4 << 20
	maxCredNames   = 64
)

// Credentials are versions of the settings and admissions by which somebody shows to a copy that has missed them that he is
// a member. Whoever gets them believes only what follows from his own.
type Credentials struct {
	// Names are where the chains stand, with the ID of the last version.
	Names map[string]objects.ID
	// objects are those of the versions: commits, folders, files.
	objects []object
}

type object struct {
	kind    objects.Kind
	content []byte
}

// Gather takes up the last n versions of every chain.
func Gather(src Getter, names map[string]objects.ID, n int) (*Credentials, error) {
	c := &Credentials{Names: names}
	for _, tip := range names {
		for at, left := tip, n; !at.IsZero() && left > 0; left-- {
			commit, err := c.take(src, objects.KindCommit, at)
			if err != nil {
				return nil, err
			}
			version, err := objects.DecodeCommit(commit)
			if err != nil {
				return nil, err
			}
			folder, err := c.take(src, objects.KindTree, version.Tree)
			if err != nil {
				return nil, err
			}
			tree, err := objects.DecodeTree(folder)
			if err != nil {
				return nil, err
			}
			for _, e := range tree.Entries {
				if _, err := c.take(src, objects.KindBlob, e.ID); err != nil {
					return nil, err
				}
			}
			at = objects.ID{}
			if len(version.Parents) > 0 {
				at = version.Parents[0]
			}
		}
	}
	return c, nil
}

func (c *Credentials) take(src Getter, kind objects.Kind, id objects.ID) ([]byte, error) {
	b, err := src.Get(kind, id)
	if err != nil {
		return nil, err
	}
	c.objects = append(c.objects, object{kind, b})
	return b, nil
}

// IsCredentials tells whether a payload is what Encode makes.
func IsCredentials(payload []byte) bool { return bytes.HasPrefix(payload, []byte(credentialsMagic)) }

// Encode packs them; see doc.go.
func (c *Credentials) Encode() ([]byte, error) {
	b := binary.AppendUvarint(nil, uint64(len(c.Names)))
	for _, name := range slices.Sorted(maps.Keys(c.Names)) {
		id := c.Names[name]
		b = append(codec.AppendString(b, name), id[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(c.objects)))
	for _, o := range c.objects {
		b = codec.AppendString(append(b, byte(o.kind)), o.content)
	}
	packed := bytes.NewBufferString(credentialsMagic)
	w, err := flate.NewWriter(packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// DecodeCredentials unpacks what Encode made. Nothing of it is believed yet.
func DecodeCredentials(payload []byte) (*Credentials, error) {
	bad := func(what string) (*Credentials, error) {
		return nil, fmt.Errorf("%w: credentials: %s", ErrMalformed, what)
	}
	if !IsCredentials(payload) {
		return bad("no magic")
	}
	packed := flate.NewReader(bytes.NewReader(payload[len(credentialsMagic):]))
	b, err := io.ReadAll(io.LimitReader(packed, maxCredentials+1))
	if err != nil || len(b) > maxCredentials {
		return bad("cannot be unpacked")
	}
	d := codec.NewDecoder(b, ErrMalformed)
	c := &Credentials{Names: map[string]objects.ID{}}
	for n := d.Count(1+objects.IDSize, maxCredNames); n > 0 && d.Err() == nil; n-- {
		name := string(d.Bytes(maxCredentials))
		if _, twice := c.Names[name]; twice {
			d.Fail("a name stands twice")
		}
		c.Names[name] = d.ID()
	}
	for n := d.Count(2, maxCredentials); n > 0 && d.Err() == nil; n-- {
		o := object{objects.Kind(d.Byte()), bytes.Clone(d.Bytes(maxCredentials))}
		if !o.kind.Valid() {
			d.Fail("an object of no kind")
		}
		c.objects = append(c.objects, o)
	}
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	return c, nil
}

// Store puts the objects into a store, where they mean nothing until a name leads to them.
func (c *Credentials) Store(w objects.Sink) error {
	for _, o := range c.objects {
		if _, err := w.Put(o.kind, o.content, objects.ID{}); err != nil {
			return err
		}
	}
	return nil
}
