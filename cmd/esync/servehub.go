package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/ssh"
)

// way is a hub by which an engagement is offered.
type way struct {
	hub   string
	asked bool // for on the command line, so that its troubles are told
}

// hubs are those by which an engagement is offered: the ones that were asked for, else those of the settings.
func (v *service) hubs(ctx context.Context, o *offer, asked []string) []way {
	var ways []way
	for _, hub := range asked {
		ways = append(ways, way{hub, true})
	}
	if len(asked) > 0 {
		return ways
	}
	if settings, err := o.settings(ctx); err == nil {
		for _, hub := range settings.Hubs {
			ways = append(ways, way{hub, false})
		}
	}
	return ways
}

const (
	// hubPorts is how many ports of a hub are tried: as many as those who look for a copy try.
	hubPorts = 4
	// firstReturn and lastReturn are the times between attempts to reach a hub.
	firstReturn = time.Second
	lastReturn  = 30 * time.Second
)

// throughHub offers an engagement by a hub until ctx ends, whatever becomes of the hub meanwhile.
func (v *service) throughHub(ctx context.Context, o *offer, w way) {
	told := false
	for pause := firstReturn; ctx.Err() == nil; pause = min(2*pause, lastReturn) {
		began := time.Now()
		err := v.onceThroughHub(ctx, o, w)
		if err == nil || time.Since(began) > lastReturn {
			pause, told = firstReturn, false
		}
		switch {
		case err == nil || ctx.Err() != nil:
		case hopeless(err):
			v.s.warn("%q is not offered through the hub %q: %v", o.Name, w.hub, err)
			return
		case w.asked && !told:
			v.s.warn("%q cannot be reached through the hub %q for now: %v", o.Name, w.hub, err)
			told = true
		default:
			v.s.detail("hub %q: %v", w.hub, err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// hopeless tells of errors that the next attempt would meet as well, until somebody has done something about them.
func hopeless(err error) bool {
	for _, is := range []error{ssh.ErrHostKeyUnknown, ssh.ErrHostKeyChanged, ssh.ErrTarget, ssh.ErrConfig} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// onceThroughHub registers with a hub and serves there, until the connection is given up.
func (v *service) onceThroughHub(ctx context.Context, o *offer, w way) error {
	client, l, err := v.register(ctx, w, o.ID)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := v.s.listening(l.Addr().String(), w.hub, o.Hosted, v.level, ssh.Fingerprint(v.key.PublicKey())); err != nil {
		return err
	}
	return ssh.Serve(ctx, l, v.config())
}

// register asks a hub for a port that members can work out.
func (v *service) register(ctx context.Context, w way, engagement objects.ID) (*ssh.Client, net.Listener, error) {
	target, err := ssh.ParseTarget(w.hub)
	if err != nil {
		return nil, nil, fmt.Errorf("hub %q: %w", w.hub, err)
	}
	cfg, err := v.s.dialling(repo.How{})
	if err != nil {
		return nil, nil, err
	}
	cfg.AcceptNew = true
	cfg.Relayed = func(at net.Addr, err error) {
		if err != nil {
			v.s.detail("hub %q: %v", w.hub, err)
			return
		}
		v.s.detail("hub %q: reached again at %s", w.hub, at.String())
	}
	client, err := ssh.Dial(ctx, target, cfg)
	if err != nil {
		return nil, nil, err
	}
	hostKey := ssh.PublicLine(v.key.PublicKey(), "")
	var refused []error
	for i := range hubPorts {
		l, err := client.Listen(ctx, "localhost", repo.HubPort(engagement, hostKey, i))
		if err == nil {
			return client, l, nil
		}
		refused = append(refused, err)
	}
	client.Close()
	return nil, nil, fmt.Errorf("no port there: %w", errors.Join(refused...))
}

// hubName is a hub as people say it.
func hubName(hub string) string { return strings.TrimPrefix(hub, "ssh://") }
