package repo

import (
	"errors"
	"fmt"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects/pack"
)

// objectsDir is the folder of the packs.
const objectsDir = "objects"

// store is the object store of a copy and the folder that it is in.
type store struct {
	*pack.Store
	dir fsys.FS
}

// openStore opens the store in a .esync folder and makes what is missing.
func openStore(env Env, meta fsys.FS) (*store, error) {
	there, err := exists(meta, objectsDir)
	if err != nil {
		return nil, err
	}
	if !there {
		if err := fsys.MkdirAll(meta, objectsDir, 0o755); err != nil {
			return nil, err
		}
		if err := meta.SyncDir("."); err != nil {
			return nil, err
		}
	}
	dir, err := meta.Sub(objectsDir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s, err := pack.Open(dir, pack.Options{Rand: env.Rand, Now: env.Now})
	if err != nil {
		dir.Close()
		return nil, err
	}
	return &store{s, dir}, nil
}

// Close closes the store and its folder.
func (s *store) Close() error { return errors.Join(s.Store.Close(), s.dir.Close()) }
