package repo

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// Remote is a named peer.
type Remote struct {
	Name   string
	Source string
	Parent bool
	// Seen is when it was last reached from here, or zero; Tip is what it
	// had on the current line then.
	Seen time.Time
	Tip  objects.ID
}

// Remotes lists the named peers, by name.
func (r *Repo) Remotes(context.Context) ([]Remote, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	parent, line, book := string(state.Get(nameParent)), currentLine(state), r.readBook()
	var out []Remote
	for name, value := range state.List(underRemote) {
		short, _ := name.Under(underRemote)
		out = append(out, Remote{
			Name: short, Source: string(value), Parent: short == parent,
			Seen: book.page(short).Heard, Tip: idOf(state.Get(trackingName(short, line))),
		})
	}
	return out, nil
}

// remoteName checks the name of a peer: one component, no colon, so that it
// is never taken for a source.
func remoteName(name string) (refs.Name, error) {
	if strings.ContainsAny(name, `:/\`) || strings.HasPrefix(name, "-") {
		return refs.Name{}, fmt.Errorf("%w: %q cannot be the name of a peer", ErrUsage, name)
	}
	n, err := refs.ParseName(underRemote + "/" + name)
	if err != nil {
		return refs.Name{}, fmt.Errorf("%w: %q cannot be the name of a peer", ErrUsage, name)
	}
	return n, nil
}

// AddRemote names a peer. A folder is kept with its absolute path.
func (r *Repo) AddRemote(ctx context.Context, name, source string) error {
	n, err := remoteName(name)
	if err != nil {
		return err
	}
	text, err := sourceText(source)
	if err != nil {
		return err
	}
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	if state.Get(n) != "" {
		return fmt.Errorf("peer %q %w", name, ErrExists)
	}
	_, err = r.refs.Apply(ctx, r.operation("remote add "+name, refs.Change{Name: n, New: refs.Value(text)}))
	return err
}

// sourceText is how a source that can be come back to is kept.
func sourceText(source string) (string, error) {
	s, err := ParseSource(source)
	switch {
	case err != nil:
		return "", err
	case s.Kind == SourceFolder:
		return filepath.Abs(s.Path)
	case s.Kind != SourceSSH:
		return "", fmt.Errorf("%w: %q is no place that can be come back to", ErrUsage, source)
	}
	return s.Text, nil
}

// RemoveRemote forgets a peer and what it had.
func (r *Repo) RemoveRemote(ctx context.Context, name string) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	n, err := remoteName(name)
	if err != nil {
		return err
	}
	if state.Get(n) == "" {
		return &UnknownError{"peer", name}
	}
	changes := changed(change(state, n, ""), change(state, nameIn(underHostKey, name), ""))
	if string(state.Get(nameParent)) == name {
		changes = append(changes, change(state, nameParent, ""))
	}
	for ref := range state.List(underRemotes + "/" + name) {
		changes = append(changes, change(state, ref, ""))
	}
	if _, err = r.refs.Apply(ctx, r.operation("remote remove "+name, changes...)); err == nil {
		r.note(func(b *book) { delete(b.Peers, name) })
	}
	return err
}

// Parent is the name of the parent and whether there is one.
func (r *Repo) Parent() (string, bool) {
	p := string(r.state().Get(nameParent))
	return p, p != ""
}

// SetParent makes a named peer, a member's copy, wherever that is, or a source
// the parent. Nothing is cloned.
func (r *Repo) SetParent(ctx context.Context, peer string) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	if n, err := remoteName(peer); err == nil && state.Get(n) != "" {
		if c := changed(change(state, nameParent, refs.Value(peer))); len(c) > 0 {
			_, err = r.refs.Apply(ctx, r.operation("parent "+peer, c...))
		}
		return err
	}
	if c, err := r.circle(state); err != nil {
		return err
	} else if m := c.byName(peer); m != nil {
		a, err := r.atlas()
		if err != nil {
			return err
		}
		if c := changed(change(state, nameParent, refs.Value(a.nameOf(m)))); len(c) > 0 {
			_, err = r.refs.Apply(ctx, r.operation("parent "+peer, c...))
		}
		return err
	}
	if !strings.ContainsAny(peer, `:/\.`) {
		return &UnknownError{"peer", peer}
	}
	text, err := sourceText(peer)
	if err != nil {
		return err
	}
	name := freeRemoteName(state, text)
	_, err = r.refs.Apply(ctx, r.operation("parent "+peer, changed(
		change(state, nameIn(underRemote, name), refs.Value(text)), change(state, nameParent, refs.Value(name)))...))
	return err
}

// freeRemoteName gives the name that a peer at source has already, or proposes
// one: its host, or "folder".
func freeRemoteName(state refs.State, source string) string {
	for known, value := range state.List(underRemote) {
		if string(value) == source {
			name, _ := known.Under(underRemote)
			return name
		}
	}
	parsed, err := ParseSource(source)
	if err != nil {
		return "peer"
	}
	return freeName(parsed, func(name string) bool { return state.Get(nameIn(underRemote, name)) != "" })
}

// freeName proposes a name for a peer: its host, or "folder".
func freeName(s Source, taken func(name string) bool) string {
	stem := "folder"
	if s.Kind == SourceSSH {
		stem = strings.Map(func(r rune) rune {
			if r == ':' || r == '%' || r == '[' || r == ']' {
				return '-'
			}
			return r
		}, s.Host)
	}
	if _, err := remoteName(stem); err != nil {
		stem = "peer"
	}
	name := stem
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s-%d", stem, n)
	}
	return name
}
