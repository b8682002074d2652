package roster

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

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
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(append(b, name...), id[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(c.objects)))
	for _, o := range c.objects {
		b = append(b, byte(o.kind))
		b = binary.AppendUvarint(b, uint64(len(o.content)))
		b = append(b, o.content...)
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
	r := bytes.NewReader(b)
	c := &Credentials{Names: map[string]objects.ID{}}
	names, err := count(r, maxCredNames)
	for ; err == nil && names > 0; names-- {
		var name []byte
		var id objects.ID
		if name, err = field(r); err == nil {
			_, err = io.ReadFull(r, id[:])
		}
		if _, twice := c.Names[string(name)]; err == nil && twice {
			return bad("a name stands twice")
		}
		c.Names[string(name)] = id
	}
	var all uint64
	if err == nil {
		all, err = count(r, uint64(r.Len()))
	}
	for ; err == nil && all > 0; all-- {
		var kind byte
		var content []byte
		if kind, err = r.ReadByte(); err == nil {
			content, err = field(r)
		}
		if err == nil && !objects.Kind(kind).Valid() {
			return bad("an object of no kind")
		}
		c.objects = append(c.objects, object{objects.Kind(kind), content})
	}
	if err != nil || r.Len() > 0 {
		return bad("cut short, or longer than it says")
	}
	return c, nil
}

var errLong = errors.New("too long")

func count(r *bytes.Reader, limit uint64) (uint64, error) {
	n, err := binary.ReadUvarint(r)
	if err == nil && n > limit {
		err = errLong
	}
	return n, err
}

func field(r *bytes.Reader) ([]byte, error) {
	n, err := count(r, uint64(r.Len()))
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return b, err
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
