//go:build !windows

package agent

import (
	"os/exec"
	"syscall"
)

// detach lets a program outlive the terminal it was started from.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
