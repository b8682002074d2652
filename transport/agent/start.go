package agent

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Start runs a program that calls Serve, and leaves it alone: it has no terminal, no input and no output, and its folder is
// the one of the socket, so that it holds no other. The program is named by its whole path.
func Start(folder, program string, args, env []string) error {
	if !filepath.IsAbs(program) {
		return errors.New("the agent's program has no whole path")
	}
	cmd := exec.Command(program, args...)
	cmd.Env = env
	cmd.Dir = filepath.Dir(folder)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start agent: %w", err)
	}
	return cmd.Process.Release()
}
