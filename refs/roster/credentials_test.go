package roster

import (
	"bytes"
	"maps"
	"testing"

	"github.com/esync/esync/objects"
)

// Law: what is decoded encodes to something that decodes to the same, whatever else comes in is an error, and little
// becomes no more than the limit.
func FuzzDecodeCredentials(f *testing.F) {
	c := Credentials{Names: map[string]objects.ID{"meta/settings": {1}}, objects: []object{
		{objects.KindCommit, []byte("commit")}, {objects.KindTree, []byte("tree")}, {objects.KindBlob, bytes.Repeat([]byte("blob"), 1000)},
	}}
	seed, err := c.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)-3])
	f.Fuzz(func(t *testing.T, payload []byte) {
		got, err := DecodeCredentials(payload)
		if err != nil {
			return
		}
		b, err := got.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeCredentials(b)
		if err != nil || !maps.Equal(again.Names, got.Names) || len(again.objects) != len(got.objects) {
			t.Fatalf("%v: %+v became %+v", err, got, again)
		}
		for i, o := range got.objects {
			if o.kind != again.objects[i].kind || !bytes.Equal(o.content, again.objects[i].content) {
				t.Fatalf("object %d changed", i)
			}
		}
	})
}

// TestCredentialsBomb: what unpacks to more than the limit is refused.
func TestCredentialsBomb(t *testing.T) {
	t.Parallel()
	c := Credentials{objects: []object{{objects.KindBlob, make([]byte, maxCredentials)}}}
	payload, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeCredentials(payload); err == nil {
		t.Errorf("%d bytes became more than %d", len(payload), maxCredentials)
	}
}
