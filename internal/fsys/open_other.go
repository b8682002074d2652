//go:build !linux

package fsys

import (
	"errors"
	"io/fs"
)

// handle and the quick ways exist on Linux only.
type handle struct{}

func openHandle(string) handle   { return handle{} }
func (handle) sub(string) handle { return handle{} }
func (handle) close()            {}

func (*Dir) quickOpen(string, int, fs.FileMode) (File, error, bool) { return nil, nil, false }
func (*Dir) quickLstat(string) (Info, error, bool)                  { return Info{}, nil, false }
func (*Dir) quickReadDir(string) ([]Info, error, bool)              { return nil, nil, false }

// SyncAll implements Flusher; only Linux has such a call.
func (*Dir) SyncAll() error { return errors.ErrUnsupported }
