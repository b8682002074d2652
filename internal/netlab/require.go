package netlab

import (
	"fmt"
	"os"
	"testing"
)

// Require skips the test where there can be no laboratory, and says so on standard error; with ESYNC_NETLAB=must it fails it.
func Require(t testing.TB) {
	t.Helper()
	err := Supported()
	switch {
	case err == nil:
	case os.Getenv("ESYNC_NETLAB") == "must":
		t.Fatalf("no network laboratory: %v", err)
	default:
		fmt.Fprintf(os.Stderr, "SKIPPED: %s needs a network laboratory: %v\n", t.Name(), err)
		t.Skipf("no network laboratory: %v", err)
	}
}
