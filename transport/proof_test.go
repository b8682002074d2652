package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/esync/esync/objects"
)

// introduced is a host behind a connection that does not tell who asks.
type introduced struct {
	to    Host
	proof func(statement []byte) []byte
}

func (h introduced) Open(context.Context, string, objects.ID) (Engagement, error) {
	return nil, errors.New("asked before anybody was introduced")
}

func (h introduced) Introduce(_ context.Context, statement, proof []byte) (Host, error) {
	if len(proof) == 0 || !bytes.Equal(proof, h.proof(statement)) {
		return nil, fmt.Errorf("%w: who are you", ErrNotMember)
	}
	return h.to, nil
}

func sum(statement []byte) []byte {
	id := objects.Sum(objects.KindBlob, statement)
	return id[:]
}

// TestProof: it says who asks, is about the whole request, and is asked for
// before anything else is looked at.
func TestProof(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	tip := server.commit(files{"a": "a"}, nil)
	proving := func(alter func([]byte) []byte) *link {
		l := newLink(introduced{server, sum})
		l.change = func(request []byte) []byte {
			proved, err := Prove(request, func(b []byte) ([]byte, error) { return sum(b), nil })
			if err != nil {
				t.Error(err)
			}
			return alter(proved)
		}
		return l
	}
	res, err := Peek(context.Background(), proving(func(b []byte) []byte { return b }), PeekRequest{Engagement: "eng"})
	if err != nil || res.Tips.Get(main) != tip {
		t.Errorf("%+v, %v", res, err)
	}
	_, err = Peek(context.Background(), proving(func(b []byte) []byte {
		return bytes.Replace(b, []byte("eng"), []byte("gne"), 1)
	}), PeekRequest{Engagement: "eng"})
	if !errors.Is(err, ErrNotMember) {
		t.Errorf("a request with the proof of another: %v", err)
	}
	if _, err := Peek(context.Background(), newLink(introduced{server, sum}), PeekRequest{}); !errors.Is(err, ErrNotMember) {
		t.Errorf("without a proof: %v", err)
	}
	if _, err := Join(context.Background(), newLink(introduced{server, sum}), JoinRequest{server.id, []byte("me")}); !errors.Is(err, ErrNotMember) {
		t.Errorf("join without a proof: %v", err)
	}
	request := &request{min: 1, max: 1, verb: verbTips}
	b, err := request.encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prove(b, func([]byte) ([]byte, error) { return make([]byte, maxProof+1), nil }); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long proof: %v", err)
	}
}
