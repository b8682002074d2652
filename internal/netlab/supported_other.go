//go:build !linux

package netlab

import "errors"

// Supported says why there is no laboratory here.
func Supported() error { return errors.New("network namespaces are of Linux only") }
