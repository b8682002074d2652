package story

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/esync/esync/internal/netlab"
)

// program is the esync that everybody runs.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if netlab.Supported() != nil {
		return m.Run() // the tests say what is missing
	}
	dir, err := os.MkdirTemp("", "story")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "esync")
	build := exec.Command("go", "build", "-o", program, "github.com/esync/esync/cmd/esync")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build esync:", err)
		return 1
	}
	return m.Run()
}
