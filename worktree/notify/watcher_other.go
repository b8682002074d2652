//go:build windows || darwin || !unix

package notify

// Watcher tells of changes below a folder.
type Watcher struct{}

// New gives ErrUnsupported on this system.
func New(string, func(name string) bool) (*Watcher, error) { return nil, ErrUnsupported }

// Changes has a word after something changed.
func (w *Watcher) Changes() <-chan struct{} { return nil }

// Failed has the error that ended the watching.
func (w *Watcher) Failed() <-chan error { return nil }

// Close ends the watching.
func (w *Watcher) Close() error { return nil }
