package main

import (
	"errors"
	"fmt"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
)

// door lets members in, and newcomers with an invitation. It is asked at every login and every stream, and twice a second
// about connections that stand: whoever is revoked is out at once.
type door struct {
	host *repo.Host
	most transport.Level // that anybody has here
}

func (d door) authorize(key ssh.PublicKey) (ssh.Grant, error) {
	device, err := roster.ParseKey(ssh.PublicLine(key, ""))
	if err != nil {
		return ssh.Grant{}, fmt.Errorf("%w: %w", transport.ErrNotMember, err)
	}
	a, err := d.host.Access(device)
	if err != nil && !errors.Is(err, transport.ErrNotMember) {
		return ssh.Grant{}, err
	}
	// Who is nobody yet has a short while to use his invitation, or to show settings that are newer than those here.
	grant := ssh.Grant{Level: ssh.LevelRead, Name: a.Name, Guest: a.Level == 0}
	if min(a.Level, d.most) == transport.LevelFull {
		grant.Level = ssh.LevelFull
	}
	return grant, nil
}

// peerOf is who a connection belongs to. What he may do in an engagement its settings say.
func (d door) peerOf(p ssh.Peer) repo.Peer {
	key, _ := roster.ParseKey(p.Key) // authorize has read it before
	return repo.Peer{Key: key, Cap: d.most}
}
