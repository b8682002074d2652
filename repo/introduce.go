package repo

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

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
		at := binary.LittleEndian.AppendUint64(nil, uint64(time.Now().Unix()))
		sig, err := e.Signer.Sign(requestNamespace, append(at, statement...))
		return append(at, sig...), err
	})
}

// proofLife is how long a proof is good for, and so how wrong clocks may be.
// They are those of the machines: Env.Now is that of what is recorded, which
// the user may set. A clock in the wrong time zone must keep nobody out.
const proofLife = 24 * time.Hour

// ForAnyone gives the Host where the connection does not tell who asks. Each
// request says it by itself; see [Env.Prove].
//
// A proof is 8 bytes of time, seconds since 1970, little-endian, and an SSHSIG
// over them and the request. It does not say to whom: within proofLife a peer
// who was asked could ask the same in the member's place, of a copy whose sshd
// lets that peer in as well. So only the request as it is is repeated, and an
// account on the machine of a copy is for those who may read it. Where that is
// not so, name each key's member on its forced command instead.
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
	if len(proof) < 8 {
		return nil, transport.Tell(transport.ErrNotMember, "the request does not prove who asks")
	}
	at, sig := proof[:8], proof[8:]
	made := time.Unix(int64(min(binary.LittleEndian.Uint64(at), 1<<40)), 0)
	if apart := time.Since(made).Abs(); apart > proofLife {
		return nil, transport.Tell(fmt.Errorf("%w: a proof that is %s off", transport.ErrNotMember, apart),
			"the clocks of the two machines differ by more than a day")
	}
	line, err := sshsig.Verify(requestNamespace, append(slices.Clone(at), statement...), sig)
	if err != nil {
		return nil, transport.Tell(fmt.Errorf("%w: %w", transport.ErrNotMember, err), "the request does not prove who asks")
	}
	key, err := roster.ParseKey(line)
	if err != nil {
		return nil, transport.Tell(fmt.Errorf("%w: %w", transport.ErrNotMember, err), "keys of members are ed25519")
	}
	return a.host.For(Peer{Key: key}), nil
}
