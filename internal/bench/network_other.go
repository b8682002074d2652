//go:build !linux

package main

import (
	"errors"
	"io"
	"time"
)

// network is of Linux only; what it is elsewhere is nil.
type network struct{}

func openNetwork(io.Writer) (*network, error) {
	return nil, errors.New("no network can be made: network namespaces are of Linux only")
}

func (n *network) Close() error                  { return nil }
func (n *network) atClient(f func() error) error { return f() }
func (n *network) atServer(f func() error) error { return f() }
func (n *network) address() string               { return "127.0.0.1" }
func (n *network) reshape(shape)                 {}

type shapedWire struct{ *network }

func (w shapedWire) passed() (up, down int64) { return 0, 0 }
func (w shapedWire) idle() bool               { return true }

func quietFor(shape) time.Duration { return 0 }
