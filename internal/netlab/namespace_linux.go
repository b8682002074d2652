package netlab

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

const ownNamespace = "/proc/thread-self/ns/net"

// namespace is a network of its own, with no name: it lives as long as it is held, or a process is in it.
type namespace struct {
	held *os.File
}

func newNamespace() (*namespace, error) {
	var ns *namespace
	err := apart(func() error { return unix.Unshare(unix.CLONE_NEWNET) }, func() error {
		held, err := os.Open(ownNamespace)
		ns = &namespace{held: held}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make network namespace: %w", err)
	}
	return ns, nil
}

// do calls f on a thread that is in the namespace. Sockets that f opens, and programs that it starts, are in it for good.
func (ns *namespace) do(f func() error) error {
	return apart(func() error { return unix.Setns(int(ns.held.Fd()), unix.CLONE_NEWNET) }, f)
}

// path names the namespace for other programs, while this process holds it.
func (ns *namespace) path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), ns.held.Fd()) }

func (ns *namespace) close() { _ = ns.held.Close() }

// apart calls f after enter, on a thread that goes back to where it was. Should that fail, the thread is given up.
func apart(enter, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := os.Open(ownNamespace)
		if err != nil {
			runtime.UnlockOSThread()
			result <- err
			return
		}
		defer home.Close()
		if err = enter(); err == nil {
			err = f()
		}
		if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back == nil {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}

// run runs a program with one line on its command line; with several, ip, bridge and nft get them as a batch.
func run(program string, lines ...string) error {
	cmd := exec.Command(program, strings.Fields(lines[0])...)
	if program == "nft" || len(lines) > 1 {
		batch := []string{"-batch", "-"}
		if program == "nft" {
			batch = []string{"-f", "-"}
		}
		cmd = exec.Command(program, batch...)
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(lines, "; "), err, out)
	}
	return nil
}
