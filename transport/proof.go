package transport

import "context"

// maxProof bounds a proof: an SSHSIG has a few hundred bytes.
const maxProof = 2 << 10

// Introducer is a Host that learns from a request who asks, where the
// connection does not tell: behind a stock sshd the server knows the account
// only.
type Introducer interface {
	// Introduce gives the Host as whoever made the proof may see it. The
	// statement is what the proof is about: the request as far as all versions
	// know it. The proof is empty when there is none.
	Introduce(ctx context.Context, statement, proof []byte) (Host, error)
}

// Prove adds to a request who asks. It is for connections that don't tell the
// server by themselves, and calls sign with what the proof is to be about. The
// request is one that this package handed to an [Opener].
func Prove(request []byte, sign func(statement []byte) ([]byte, error)) ([]byte, error) {
	r, err := decodeRequest(request)
	if err != nil {
		return nil, err
	}
	if r.proof, err = sign(r.statement); err != nil {
		return nil, err
	}
	return r.encode()
}
