package main

import (
	"context"
	"net"
	"net/netip"

	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport/lan"
	"github.com/esync/esync/transport/ssh"
)

// announce lets the members on the local network find this server. What keeps it from being heard is told and no more: the
// copy is served all the same.
func (v *service) announce(ctx context.Context, at net.Addr) {
	key, err := v.s.userKey()
	if err != nil {
		v.s.warn("this copy is not announced: %v", err)
		return
	}
	device, err := roster.ParseKey(ssh.PublicLine(key.signer.PublicKey(), ""))
	address, addressErr := netip.ParseAddrPort(at.String())
	if err != nil || addressErr != nil {
		return
	}
	a, err := lan.New(lan.Config{
		Key: device.Public(),
		Sign: func(message []byte) ([]byte, error) {
			sig, err := key.signer.Sign(v.s.env.random, message)
			if err != nil {
				return nil, err
			}
			return sig.Blob, nil
		},
		Beacons: func() []lan.Beacon { return v.beacons(ctx, int(address.Port())) },
		Now:     v.s.env.now,
		Network: v.s.network(),
		Log:     func(err error) { v.s.detail("announcing: %v", err) },
	})
	if err == nil {
		err = a.Run(ctx)
	}
	if err != nil && ctx.Err() == nil {
		v.s.warn("this copy is not announced on the network: %v", err)
	}
}

// discovery are the keys by which the copy is to be found, those of members who have been away among them.
func (o *offer) discovery(ctx context.Context) [][32]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	keys, err := o.repo.DiscoveryKeys(ctx)
	if err != nil {
		return nil
	}
	return keys
}

// beacons is what is announced now. The discovery key changes when a member is revoked, the head with every commit.
func (v *service) beacons(ctx context.Context, port int) []lan.Beacon {
	var beacons []lan.Beacon
	for _, o := range v.offers {
		for _, key := range o.discovery(ctx) {
			beacons = append(beacons, lan.Beacon{
				Discovery: key, Port: port, ReadOnly: v.level == ssh.LevelRead, Head: o.head(),
			})
		}
	}
	return beacons
}
