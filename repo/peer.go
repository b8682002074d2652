package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/esync/esync/transport"
)

// atlas gathers what routes are decided from.
func (r *Repo) atlas() (*atlas, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	a := &atlas{book: r.readBook(), parent: string(state.Get(nameParent)), via: r.env.Via}
	if a.circle, err = r.circle(state); err != nil {
		return nil, err
	}
	for name, value := range state.List(underRemote) {
		short, _ := name.Under(underRemote)
		source, err := ParseSource(string(value))
		if err != nil {
			if short == a.parent {
				return nil, err
			}
			continue
		}
		a.named = append(a.named, namedSource{short, source, parsePin(string(state.Get(nameIn(underHostKey, short))))})
	}
	return a, nil
}

// itinerary plans how to reach whom the user named: a peer that has a name
// here, a member, or a source. Nothing typed means the parent, or whoever
// stands in for it.
func (a *atlas) itinerary(typed string) (itinerary, error) {
	for _, n := range a.named {
		if n.name != typed && (typed != "" || n.name != a.parent) {
			continue
		}
		if a.circle.left(n.pin) { // what is recorded here is not for him any more
			return itinerary{}, fmt.Errorf("%q: %w any more: choose another with \"esync parent\"", n.name, transport.ErrNotMember)
		}
		if typed != "" {
			return a.toNamed(n), nil
		}
	}
	if typed == "" {
		return a.toAnybody()
	}
	if m := a.circle.byName(typed); m != nil {
		return a.toMember(m), nil
	}
	if s, err := ParseSource(typed); !strings.ContainsAny(typed, `:/\`) && !strings.HasPrefix(typed, ".") && (err != nil || s.Kind != SourceBundle) {
		return itinerary{}, &UnknownError{"peer", typed}
	}
	n, err := a.source(typed)
	if err != nil {
		return itinerary{}, err
	}
	main := a.namedWay(n)
	return itinerary{main: &main}, nil
}

// source gives a peer that was typed as a source the name that it has here, or
// could have.
func (a *atlas) source(typed string) (namedSource, error) {
	if s, err := ParseSource(typed); err == nil && s.Kind == SourceBundle {
		return namedSource{name: "bundle", source: s}, nil
	}
	text, err := sourceText(typed)
	if err != nil {
		return namedSource{}, err
	}
	for _, n := range a.named {
		if n.source.Text == text {
			return n, nil
		}
	}
	s, err := ParseSource(text)
	taken := func(name string) bool {
		for _, n := range a.named {
			if n.name == name {
				return true
			}
		}
		return false
	}
	return namedSource{name: freeName(s, taken), source: s}, err
}

// connectBy reaches a place: a folder by a conversation inside this process, a
// bundle by reading it, anything else by the environment's Connector.
func connectBy(ctx context.Context, env Env, s Source, how How) (Connection, error) {
	switch s.Kind {
	case SourceFolder:
		return connectFolder(env, s.Path)
	case SourceBundle:
		return openBundle(env, s.Path)
	}
	if env.Connect == nil {
		return nil, fmt.Errorf("%q: %w: there is no way to %q from here", s.Text, ErrUnreachable, s.Host)
	}
	return env.Connect.Connect(ctx, s, how)
}

// lostTries bounds how often a verb starts over because the connection was
// lost under it. Nothing that had come is sent again.
const lostTries = 3

// withPeer runs a conversation with whom the user named, or with the first of
// those who stand in for the parent, and says so when it is one of them.
func (r *Repo) withPeer(ctx context.Context, typed string, need transport.Level, talk func(peer, Connection) error) error {
	var lost error
	for try := 1; ; try++ {
		err := r.oncePeer(ctx, typed, need, talk)
		if lost != nil && errors.Is(err, ErrUnreachable) {
			return lost // says better what happened
		}
		if !isLost(err) || ctx.Err() != nil || try == lostTries {
			return err
		}
		lost = err
		r.env.warn("the connection was lost; going on where it broke off")
	}
}

// isLost tells whether a conversation was cut, rather than ended.
func isLost(err error) bool {
	return errors.Is(err, ErrLost) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe)
}

func (r *Repo) oncePeer(ctx context.Context, typed string, need transport.Level, talk func(peer, Connection) error) error {
	a, err := r.atlas()
	if err != nil {
		return err
	}
	it, err := a.itinerary(typed)
	if err != nil {
		return err
	}
	s := newSearch(r.env, a, it, need)
	for {
		p, conn, err := s.run(ctx)
		if s.mainMissed(p, err) {
			r.missed(it.main.name)
		}
		if err != nil {
			return err
		}
		if text := it.announce(p); text != "" {
			r.env.warn(text)
		}
		err = r.introduced(ctx, p, conn, need, talk)
		if err == nil || !it.standIn(p) || !unhelpful(err) {
			return err
		}
		r.env.warn(fmt.Sprintf("%s cannot help: %v", p, err))
		s.giveUp(p, err)
	}
}

// introduced runs a conversation. A peer that does not know what this user may
// do is shown so, and asked once more.
func (r *Repo) introduced(ctx context.Context, p peer, conn Connection, need transport.Level, talk func(peer, Connection) error) error {
	err := talk(p, conn)
	shown := r.presentable(err, need) && r.present(ctx, conn) == nil
	conn.Close()
	if !shown {
		return err
	}
	if conn, err = connectBy(ctx, r.env, p.source, p.how); err != nil {
		return err
	}
	defer conn.Close()
	return talk(p, conn)
}

// mainMissed tells whether who was asked for did not answer.
func (s *search) mainMissed(p peer, err error) bool {
	return s.it.main != nil && s.late && (err != nil || !p.sameWay(*s.it.main))
}

// standIn tells whether a way is not the one that was asked for.
func (it *itinerary) standIn(p peer) bool { return it.main == nil || !p.sameWay(*it.main) }

// announce is what the user hears of the way that was taken.
func (it *itinerary) announce(p peer) string {
	switch {
	case it.main == nil || !it.standIn(p):
		return ""
	case it.main.name == p.name:
		return fmt.Sprintf("%s does not answer there; it is %s", it.main, p.where())
	}
	return fmt.Sprintf("%s is out of reach; %s stands in", it.main, p)
}

// unhelpful tells whether an error of one who stands in means that another may
// do: he does not let us in or write, has not the engagement, or is gone.
func unhelpful(err error) bool {
	for _, is := range []error{
		transport.ErrRefused, transport.ErrNotMember, transport.ErrUnknownEngagement, transport.ErrUnrelated, transport.ErrBusy,
		transport.ErrDamaged, transport.ErrNoRoom, ErrUnreachable,
	} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// folderOf gives the absolute folder of a source that is one.
func folderOf(s Source) string {
	abs, err := filepath.Abs(s.Path)
	if err != nil {
		return s.Path
	}
	return abs
}
