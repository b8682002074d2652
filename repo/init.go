package repo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// InitOptions says what Init makes.
type InitOptions struct {
	// Name of the engagement; empty: the folder's name.
	Name string
	// Bare makes a copy that keeps history only.
	Bare bool
}

// Init makes dir, which may hold papers already, the top-level parent of a new
// engagement. The error is ErrExists when it is an engagement already.
func Init(ctx context.Context, env Env, dir string, o InitOptions) (*Repo, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = filepath.Base(abs)
	}
	if err := CheckEngagementName(o.Name); err != nil {
		return nil, err
	}
	first, err := env.firstSettings(o.Name)
	if err != nil {
		return nil, err
	}
	c := newCopy{name: o.Name, bare: o.Bare, first: first}
	return create(ctx, env, abs, c, "init")
}

// newCopy is what a new copy knows of its engagement.
type newCopy struct {
	id     objects.ID
	name   string
	bare   bool
	remote string // name of the parent
	source string // where the parent is
	// first are the first settings of a new engagement, which give it its ID;
	// nil where there are settings already.
	first *roster.Settings
}

func (s newCopy) changes() []refs.Change {
	c := []refs.Change{
		{Name: nameEngagement, New: valueOf(s.id)},
		{Name: nameName, New: refs.Value(s.name)},
		{Name: nameLine, New: DefaultLine},
	}
	if s.first != nil {
		c = append(c, refs.Change{Name: nameSettings, New: valueOf(s.id)})
	}
	if s.bare {
		c = append(c, refs.Change{Name: nameBare, New: "true"})
	}
	if s.remote != "" {
		c = append(c, refs.Change{Name: nameParent, New: refs.Value(s.remote)},
			refs.Change{Name: nameIn(underRemote, s.remote), New: refs.Value(s.source)})
	}
	return c
}

// CheckEngagementName tells whether a name can be an engagement's: it must be
// possible as the name of a folder on every system, and without a colon.
func CheckEngagementName(name string) error {
	if err := objects.CheckName(name); err != nil {
		return fmt.Errorf("%w: name of the engagement: %w", ErrUsage, err)
	}
	if name[0] == '-' {
		return fmt.Errorf("%w: name of the engagement begins with \"-\"", ErrUsage)
	}
	return nil
}

// create makes the .esync of a new copy in root, with further names in the
// first record. The format file comes last:
// without it the folder is no engagement yet, and create may run again.
func create(ctx context.Context, env Env, root string, s newCopy, command string, more ...refs.Change) (*Repo, error) {
	if err := CheckEngagementName(s.name); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	files, err := env.folder(root)
	if err != nil {
		return nil, err
	}
	defer files.Close()
	if there, err := exists(files, objects.MetaDir+"/"+formatFile); err != nil {
		return nil, err
	} else if there {
		return nil, fmt.Errorf("%q: the engagement %w", root, ErrExists)
	}
	if err := fsys.MkdirAll(files, objects.MetaDir, 0o700); err != nil {
		return nil, err
	}
	meta, err := files.Sub(objects.MetaDir)
	if err != nil {
		return nil, err
	}
	defer meta.Close()
	lock, err := waitLock(ctx, meta, lockFile, lockWait)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	names, err := refs.Open(meta, refs.Options{Now: env.Now})
	if err != nil {
		return nil, err
	}
	state, err := names.State()
	if err != nil {
		return nil, err
	}
	if state.Get(nameEngagement) == "" {
		if s.first != nil {
			if s.id, err = putFirst(env, meta, s.first); err != nil {
				return nil, err
			}
		}
		op := refs.Operation{Time: env.Now(), Command: command, Author: env.Author.String(), Device: env.Device, Changes: append(s.changes(), more...)}
		if _, err := names.Apply(ctx, op); err != nil {
			return nil, err
		}
	}
	if err := fsys.WriteFile(meta, formatFile, []byte(formatText), 0o644); err != nil {
		return nil, err
	}
	if err := files.SyncDir("."); err != nil {
		return nil, err
	}
	if err := register(env, s.name, root); err != nil {
		env.warn(fmt.Sprintf("cannot register %q for this user: %v", s.name, err))
	}
	return openAt(env, root)
}
