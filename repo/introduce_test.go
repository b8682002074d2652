package repo

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// TestForAnyone: where the connection does not tell who asks, only a proof
// by a key counts, and it is that key's membership that decides.
func TestForAnyone(t *testing.T) {
	signer := sshsig.FromSeed(make([]byte, 32))
	key, err := roster.ParseKey(signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	statement := []byte("what is asked")
	made := func(namespace string, when time.Time) []byte {
		at := binary.LittleEndian.AppendUint64(nil, uint64(when.Unix()))
		sig, err := signer.Sign(namespace, append(at, statement...))
		if err != nil {
			t.Fatal(err)
		}
		return append(at, sig...)
	}
	now := time.Now()
	good, elsewhere := made(requestNamespace, now), made("commit@esync", now)
	redated := append(made(requestNamespace, now.Add(time.Second))[:8:8], made(requestNamespace, now.Add(-time.Hour))[8:]...)
	in, ok := (&Host{}).ForAnyone().(transport.Introducer)
	if !ok {
		t.Fatal("nobody is introduced")
	}
	host, err := in.Introduce(context.Background(), statement, good)
	if p, ok := host.(peerHost); err != nil || !ok || p.peer.Key != key {
		t.Errorf("%+v, %v", host, err)
	}
	for what, proof := range map[string][]byte{"none": nil, "garbage": []byte("x"), "of a commit": elsewhere,
		"of yesterday": made(requestNamespace, now.Add(-25*time.Hour)), "of tomorrow": made(requestNamespace, now.Add(25*time.Hour)), "redated": redated} {
		if _, err := in.Introduce(context.Background(), statement, proof); !errors.Is(err, transport.ErrNotMember) {
			t.Errorf("proof: %s: %v", what, err)
		}
	}
	if _, err := in.Introduce(context.Background(), []byte("another"), good); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("proof of another request: %v", err)
	}
	if _, err := (&Host{}).ForAnyone().Open(context.Background(), "x", [32]byte{}); !errors.Is(err, transport.ErrNotMember) {
		t.Errorf("opened for nobody: %v", err)
	}
}
