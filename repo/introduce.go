package repo

import (
	"context"
	"fmt"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// requestNamespace is what SSHSIG calls the proofs of requests.
const requestNamespace = "request@esync"

// Prove adds to a request that it is this user's device that asks. Peers that
// are reached through a stock sshd cannot know it otherwise: it tells them the
// account and not the key.
func (e *Env) Prove(request []byte) ([]byte, error) {
	if _, err := e.key(); err != nil {
		return nil, err
	}
	return transport.Prove(request, func(statement []byte) ([]byte, error) {
		return e.Signer.Sign(requestNamespace, statement)
	})
}

// ForAnyone gives the Host where the connection does not tell who asks. Each
// request says it by itself; see [Env.Prove].
//
// A proof says nothing about when and to whom, so a peer could show it to
// another one. That gains him nothing: the request it belongs to is repeated
// with it as it is, and whoever speaks here has been let in by an sshd before.
func (h *Host) ForAnyone() transport.Host { return anyone{h} }

type anyone struct{ host *Host }

// Open implements transport.Host. It is not asked: Introduce is, before.
func (a anyone) Open(context.Context, string, objects.ID) (transport.Engagement, error) {
	return nil, transport.ErrNotMember
}

// Introduce implements transport.Introducer.
func (a anyone) Introduce(_ context.Context, statement, proof []byte) (transport.Host, error) {
	if len(proof) == 0 {
		return nil, transport.Tell(transport.ErrNotMember, "the request does not say who asks")
	}
	line, err := sshsig.Verify(requestNamespace, statement, proof)
	if err != nil {
		return nil, transport.Tell(fmt.Errorf("%w: %w", transport.ErrNotMember, err), "the request does not prove who asks")
	}
	key, err := roster.ParseKey(line)
	if err != nil {
		return nil, transport.Tell(fmt.Errorf("%w: %w", transport.ErrNotMember, err), "keys of members are ed25519")
	}
	return a.host.For(Peer{Key: key}), nil
}
