package repo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/esync/esync/refs"
)

// peer is a place to sync with and the name that this copy has for it.
type peer struct {
	name   string
	source Source
}

// peers resolves what the user typed to one or more places, to be tried in
// order. Nothing typed means the parent, and after it the other named peers,
// which stand in when the parent cannot be reached.
func (r *Repo) peers(state refs.State, typed string) ([]peer, error) {
	if typed != "" {
		p, err := r.namedPeer(state, typed)
		if err != nil {
			return nil, err
		}
		return []peer{p}, nil
	}
	parent := string(state.Get(nameParent))
	if parent == "" {
		return nil, ErrNoParent
	}
	first, err := r.namedPeer(state, parent)
	if err != nil {
		return nil, err
	}
	out := []peer{first}
	for name := range state.List(underRemote) {
		short, _ := name.Under(underRemote)
		if short == parent {
			continue
		}
		if p, err := r.namedPeer(state, short); err == nil {
			out = append(out, p)
		}
	}
	return out, nil
}

// namedPeer reads a peer's name or a source.
func (r *Repo) namedPeer(state refs.State, typed string) (peer, error) {
	text := string(state.Get(nameIn(underRemote, typed)))
	name := typed
	if text == "" {
		if !strings.ContainsAny(typed, `:/\`) && !strings.HasPrefix(typed, ".") {
			return peer{}, &UnknownError{"peer", typed}
		}
		full, err := r.sourceText(typed)
		if err != nil {
			return peer{}, err
		}
		text, name = full, freeRemoteName(state, full)
	}
	s, err := ParseSource(text)
	return peer{name, s}, err
}

// connect reaches a place: a folder by a conversation inside this process,
// anything else by the environment's Connector.
func connect(ctx context.Context, env Env, s Source) (Connection, error) {
	if s.Kind == SourceFolder {
		return connectFolder(env, s.Path)
	}
	if env.Connect == nil {
		return nil, fmt.Errorf("%q: %w: there is no way to %q from here", s.Text, ErrUnreachable, s.Host)
	}
	return env.Connect.Connect(ctx, s, How{})
}

// withPeer runs a conversation with the first of the peers that can be
// reached, and says so when that is not the first one asked for.
func (r *Repo) withPeer(ctx context.Context, typed string, talk func(peer, Connection) error) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	peers, err := r.peers(state, typed)
	if err != nil {
		return err
	}
	var failed []error
	for i, p := range peers {
		conn, err := connect(ctx, r.env, p.source)
		if err == nil {
			if i > 0 {
				r.env.warn(fmt.Sprintf("%q is out of reach; %q stands in", peers[0].name, p.name))
			}
			err = talk(p, conn)
			conn.Close()
		}
		if !errors.Is(err, ErrUnreachable) {
			return err
		}
		failed = append(failed, fmt.Errorf("%s: %w", p.name, err))
	}
	return errors.Join(failed...)
}

// folderOf gives the absolute folder of a source that is one.
func folderOf(s Source) string {
	abs, err := filepath.Abs(s.Path)
	if err != nil {
		return s.Path
	}
	return abs
}
