package netlab

import "testing"

// TestSupported is skipped, with the reason, where tests of networks are.
func TestSupported(t *testing.T) { Require(t) }
