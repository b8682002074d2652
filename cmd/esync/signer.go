package main

import (
	"context"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
)

// signers tells members by the keys that commits are signed with.
type signers map[roster.Key]string

// signersOf knows everybody who is or was a member.
func signersOf(ctx context.Context, r *repo.Repo) (signers, error) {
	members, err := r.Members(ctx)
	if err != nil {
		return nil, err
	}
	names := signers{}
	for _, m := range members {
		names[m.Key] = m.Name
	}
	return names, nil
}

// of verifies a commit's signature and says whose it is: a member's name, or the fingerprint of a key that is nobody's, and
// nothing when the signature is not right.
func (s signers) of(c *objects.Commit) (name, fingerprint string) {
	key, err := roster.SignerOf(c)
	if err != nil {
		return "", ""
	}
	if name = s[key]; name == "" {
		name = key.Fingerprint()
	}
	return name, key.Fingerprint()
}

// record is a commit for programs, with its signer.
func (s signers) record(e repo.LogEntry) commitRecord {
	rec := commitOf(e)
	rec.Signer, rec.SignerKey = s.of(e.Commit)
	return rec
}
