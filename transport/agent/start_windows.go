package agent

import (
	"os/exec"
	"syscall"
)

// Flags of CreateProcess that package syscall does not name.
const detachedProcess = 0x8

// detach lets a program outlive the console it was started from.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}
