package repo

import (
	"context"
	"fmt"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
)

// LineInfo is one line or tag.
type LineInfo struct {
	Name    string
	ID      objects.ID
	Current bool
}

// Lines lists the lines of this copy, by name. The current line is listed even
// before its first commit.
func (r *Repo) Lines(context.Context) ([]LineInfo, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	current := currentLine(state)
	lines := infos(state, underHeads)
	for i := range lines {
		lines[i].Current = lines[i].Name == current
	}
	if state.Get(headName(current)) == "" {
		lines = append([]LineInfo{{Name: current, Current: true}}, lines...)
	}
	return lines, nil
}

// Tags lists the tags, by name.
func (r *Repo) Tags(context.Context) ([]LineInfo, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	return infos(state, underTags), nil
}

func infos(state refs.State, prefix string) []LineInfo {
	var out []LineInfo
	for name, value := range state.List(prefix) {
		short, _ := name.Under(prefix)
		out = append(out, LineInfo{Name: short, ID: idOf(value)})
	}
	return out
}

// CreateLine makes a line at the commit that from means (empty: HEAD).
func (r *Repo) CreateLine(ctx context.Context, name, from string) error {
	return r.createName(ctx, "branch", "line", underHeads, name, from)
}

// CreateTag names the commit that from means (empty: HEAD).
func (r *Repo) CreateTag(ctx context.Context, name, from string) error {
	return r.createName(ctx, "tag", "tag", underTags, name, from)
}

func (r *Repo) createName(ctx context.Context, verb, what, prefix, name, from string) error {
	n, err := refs.ParseName(prefix + "/" + name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	id, err := r.Find(from)
	if err != nil {
		return err
	}
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	if state.Get(n) != "" {
		return fmt.Errorf("%s %q %w", what, name, ErrExists)
	}
	_, err = r.refs.Apply(ctx, r.operation(verb+" "+name, refs.Change{Name: n, New: valueOf(id)}))
	return err
}

// DeleteTag removes a tag; the commit stays.
func (r *Repo) DeleteTag(ctx context.Context, name string) error {
	return r.deleteName(ctx, "tag -d ", "tag", underTags, name)
}

// DeleteLine removes a line. Unless force is set, a line whose commits no
// other line or peer has is not removed: *UnmergedError.
func (r *Repo) DeleteLine(ctx context.Context, name string, force bool) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	if name == currentLine(state) {
		return fmt.Errorf("%w: %q is the line you are on; switch to another one first", ErrUsage, name)
	}
	if id := idOf(state.Get(headName(name))); !force && !id.IsZero() {
		if kept, err := r.keptElsewhere(state, name, id); err != nil {
			return err
		} else if !kept {
			return fmt.Errorf("line %q has commits that no other line has: %w", name, ErrUnmerged)
		}
	}
	return r.deleteName(ctx, "branch -d ", "line", underHeads, name)
}

// keptElsewhere tells whether some other name reaches the commit.
func (r *Repo) keptElsewhere(state refs.State, line string, id objects.ID) (bool, error) {
	for _, prefix := range []string{underHeads, underTags, underRemotes} {
		for name, value := range state.List(prefix) {
			if name == headName(line) {
				continue
			}
			ok, err := graph.IsAncestor(r.graph, id, idOf(value))
			if err != nil || ok {
				return ok, err
			}
		}
	}
	return false, nil
}

func (r *Repo) deleteName(ctx context.Context, verb, what, prefix, name string) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	n, err := refs.ParseName(prefix + "/" + name)
	if err != nil || state.Get(n) == "" {
		return &UnknownError{what, name}
	}
	_, err = r.refs.Apply(ctx, r.operation(verb+name, change(state, n, "")))
	return err
}

// RenameLine gives a line another name.
func (r *Repo) RenameLine(ctx context.Context, from, to string) error {
	state, err := r.refs.State()
	if err != nil {
		return err
	}
	target, err := refs.ParseName(underHeads + "/" + to)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	current := currentLine(state)
	if state.Get(headName(from)) == "" && from != current {
		return &UnknownError{"line", from}
	}
	if state.Get(target) != "" {
		return fmt.Errorf("line %q %w", to, ErrExists)
	}
	changes := changed(change(state, target, state.Get(headName(from))), change(state, headName(from), ""))
	if from == current {
		changes = append(changes, change(state, nameLine, refs.Value(to)))
	}
	_, err = r.refs.Apply(ctx, r.operation("branch -m "+from+" "+to, changes...))
	return err
}

// SwitchOptions says how Switch goes to a line.
type SwitchOptions struct {
	// Create makes the line at HEAD first.
	Create bool
}

// Switch goes to another line: the files follow, keeping changes that are not
// recorded where the lines do not differ. Where they do, nothing is touched
// and the error is *LocalChangesError. A line that only a peer has is made
// here from the peer's.
func (r *Repo) Switch(ctx context.Context, name string, o SwitchOptions) (*FilesResult, error) {
	head, err := refs.ParseName(underHeads + "/" + name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	base := idOf(state.Get(nameBase))
	to := idOf(state.Get(head))
	switch {
	case o.Create && !to.IsZero():
		return nil, fmt.Errorf("line %q %w", name, ErrExists)
	case o.Create:
		to = base
	case to.IsZero():
		if to = idOf(state.Get(trackingName(string(state.Get(nameParent)), name))); to.IsZero() && name != currentLine(state) {
			return nil, &UnknownError{"line", name}
		}
	}
	if !o.Create && idOf(state.Get(headName(currentLine(state)))) != base && name != currentLine(state) {
		if kept, err := graph.IsAncestor(r.graph, base, idOf(state.Get(headName(currentLine(state))))); err != nil {
			return nil, err
		} else if !kept {
			return nil, fmt.Errorf("line %q: %w", currentLine(state), ErrIncoming)
		}
	}
	res, err := r.switchFiles(ctx, state, to)
	if err != nil {
		return nil, err
	}
	files, err := r.moved(state, to, res.to)
	if err != nil {
		return nil, err
	}
	changes := changed(append(files, change(state, head, valueOf(to)), change(state, nameLine, refs.Value(name)))...)
	if len(changes) == 0 {
		return &res.FilesResult, nil
	}
	op := r.operation("switch "+name, changes...)
	op.Work.Before, op.Work.After = res.from, res.to
	_, err = r.refs.Apply(ctx, op)
	return &res.FilesResult, err
}

// switched is a FilesResult with the trees that the files went between.
type switched struct {
	FilesResult
	from, to objects.ID
}

// switchFiles brings the files to another commit, or refuses.
func (r *Repo) switchFiles(ctx context.Context, state refs.State, to objects.ID) (m switched, err error) {
	if m.from, err = r.standing(state); err != nil {
		return m, err
	}
	if m.to, err = r.stand(m.from, to); err != nil {
		return m, err
	}
	if m.FilesResult, err = r.moveFiles(ctx, m.from, m.to); err != nil {
		return m, err
	}
	if len(m.Waiting) > 0 {
		return m, waitingError(m.Waiting)
	}
	return m, nil
}
