package main

import (
	"context"
	"net"
	"net/netip"
	"sort"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/sftp"
	"github.com/esync/esync/transport/ssh"
)

// service is a running "esync serve".
type service struct {
	s     *session
	host  *repo.Host
	level string // the most that anybody has
	key   ssh.Signer

	// offers are the engagements, by name. Each has a copy of its own to look at, for the host's is busy with peers.
	offers []*offer

	mu     sync.Mutex
	pushes map[objects.ID]repo.Pushed // that were taken and not told of yet, by what the line came to
}

// offer is an engagement that is served.
type offer struct {
	repo.Hosted
	mu   sync.Mutex // repo's methods are called one at a time
	repo *repo.Repo
}

// settings are those of now.
func (o *offer) settings(ctx context.Context) (*roster.Settings, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	settings, _, err := o.repo.Settings(ctx)
	return settings, err
}

// head is the newest commit of the copy's line, or zero.
func (o *offer) head() objects.ID {
	o.mu.Lock()
	defer o.mu.Unlock()
	id, err := o.repo.Find(o.repo.Line())
	if err != nil {
		return objects.ID{}
	}
	return id
}

// run serves by all ways until ctx ends. Being interrupted is its regular end.
func (v *service) run(ctx context.Context, env repo.Env, c *cli.Context) (err error) {
	s := v.s
	s.live = true
	if v.key, err = s.hostKey(); err != nil {
		return err
	}
	if err := v.open(ctx, env); err != nil {
		return err
	}
	defer func() {
		for _, o := range v.offers {
			o.repo.Close()
		}
	}()
	listener, err := s.listen(c)
	if err != nil {
		return err
	}
	var ids []objects.ID
	for _, o := range v.offers {
		ids = append(ids, o.ID)
		if err := s.listening(listener.Addr().String(), "", o.Hosted, v.level, ssh.Fingerprint(v.key.PublicKey())); err != nil {
			return err
		}
	}
	defer s.announceServing(listener.Addr(), ids)()
	v.advise(ctx)

	var work sync.WaitGroup
	defer work.Wait()
	if !c.Bool("no-lan") && !s.offLAN() && (c.Bool("lan") || !loopback(listener.Addr())) {
		work.Go(func() { v.announce(ctx, listener.Addr()) })
	}
	for _, o := range v.offers {
		for _, hub := range v.hubs(ctx, o, c.StringSlice("via")) {
			work.Go(func() { v.throughHub(ctx, o, hub) })
		}
	}
	if c.Bool("forward") {
		work.Go(func() {
			if err := v.host.Forward(ctx, s.watchEvent); err != nil {
				s.warn("nothing is carried on to a parent: %v", err)
			}
		})
	}
	return ssh.Serve(ctx, listener, v.config())
}

// open opens the copies to look at.
func (v *service) open(ctx context.Context, env repo.Env) error {
	for _, e := range v.host.Engagements() {
		r, err := repo.Open(ctx, env, e.Root)
		if err != nil {
			return doing("serve", e.Name, err)
		}
		v.offers = append(v.offers, &offer{Hosted: e, repo: r})
	}
	sort.Slice(v.offers, func(i, j int) bool { return v.offers[i].Name < v.offers[j].Name })
	return nil
}

// advise tells what whoever serves should know, once.
func (v *service) advise(ctx context.Context) {
	for _, o := range v.offers {
		members, err := o.repo.Members(ctx)
		if err != nil {
			v.s.warn("%v", err)
			continue
		}
		others, copies := 0, 0
		for _, m := range members {
			if m.Self || m.Now < roster.Read {
				continue
			}
			others++
			if m.Author != "" { // he joined by an invitation, with a copy
				copies++
			}
		}
		st, err := o.repo.Status(ctx, repo.StatusOptions{Paths: []string{".esync"}})
		if err == nil && st.Top && copies == 0 && len(st.Copies) == 0 {
			v.s.warn("%q is the original and has no copy yet: until somebody clones it there is no backup", o.Name)
		}
		if others == 0 {
			v.s.hint("nobody but you is a member of %q yet: esync invite", o.Name)
		}
	}
}

// config is how the SSH server treats all who come, by whichever way.
func (v *service) config() ssh.ServerConfig {
	d := door{v.host, transport.LevelFull}
	if v.level == ssh.LevelRead {
		d.most = transport.LevelRead
	}
	return ssh.ServerConfig{
		HostKey:   v.key,
		Authorize: d.authorize,
		Log:       v.s.connectionEvent,
		Handle: func(ctx context.Context, peer ssh.Peer, stream ssh.Stream, request []byte) {
			seen := &witness{host: v.host.For(d.peerOf(peer))}
			err := transport.Serve(ctx, lenient{stream}, request, seen)
			v.conversationEvent(ctx, peer, seen, err)
		},
		Subsystems: map[string]func(context.Context, ssh.Peer, ssh.Stream){
			"sftp": func(ctx context.Context, peer ssh.Peer, stream ssh.Stream) {
				defer context.AfterFunc(ctx, func() { stream.Close() })()
				if err := sftp.Serve(stream, v.host.View(ctx, d.peerOf(peer))); err != nil && ctx.Err() == nil {
					v.s.detail("sftp of %s: %v", peer.Name, err)
				}
			},
		},
	}
}

// pushed keeps what became of a push until its conversation ends and it is told of.
func (v *service) pushed(p repo.Pushed) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.pushes[p.To] = p
}

// joined tells of a newcomer.
func (v *service) joined(j repo.Joined) {
	v.s.event(eventRecord{Event: "joined", Engagement: j.Engagement, Who: j.Name, Key: j.Key.Fingerprint(), Level: j.Level.String()})
}

// took gives what became of a push, once.
func (v *service) took(tip objects.ID) repo.Pushed {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.pushes[tip]
	delete(v.pushes, tip)
	return p
}

// loopback tells whether only this machine reaches an address.
func loopback(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().IsLoopback()
}
