package netlab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// kinds are the kinds of namespaces that make a machine: its network, and its name.
var kinds = [...]struct {
	file string
	flag int
}{{"net", unix.CLONE_NEWNET}, {"uts", unix.CLONE_NEWUTS}}

// namespace is a network with a name of its own for the machine. Nothing outside names it: it lives as long as it is held, or
// a process is in it.
type namespace struct {
	held [len(kinds)]*os.File
}

// here holds the namespaces that the thread is in.
func here() (*namespace, error) {
	ns := &namespace{}
	for i, k := range kinds {
		held, err := os.Open("/proc/thread-self/ns/" + k.file)
		if err != nil {
			ns.close()
			return nil, err
		}
		ns.held[i] = held
	}
	return ns, nil
}

// enter takes the thread into the namespaces.
func (ns *namespace) enter() error {
	for i, k := range kinds {
		if err := unix.Setns(int(ns.held[i].Fd()), k.flag); err != nil {
			return err
		}
	}
	return nil
}

func newNamespace(name string) (*namespace, error) {
	var ns *namespace
	unshare := func() error { return unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWUTS) }
	err := apart(unshare, func() (err error) {
		ns, err = here()
		return errors.Join(err, unix.Sethostname([]byte(name)))
	})
	if err != nil {
		return nil, fmt.Errorf("make network namespace: %w", err)
	}
	return ns, nil
}

// do calls f on a thread that is in the namespace. Sockets that f opens, and programs that it starts, are in it for good.
func (ns *namespace) do(f func() error) error { return apart(ns.enter, f) }

// path names the network for other programs, while this process holds it.
func (ns *namespace) path() string {
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), ns.held[0].Fd())
}

func (ns *namespace) close() {
	for _, f := range ns.held {
		if f != nil {
			_ = f.Close()
		}
	}
}

// apart calls f after enter, on a thread that goes back to where it was. Should that fail, the thread is given up.
func apart(enter, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := here()
		if err != nil {
			runtime.UnlockOSThread()
			result <- err
			return
		}
		defer home.close()
		if err = enter(); err == nil {
			err = f()
		}
		if back := home.enter(); back == nil {
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
		batch := "-batch"
		if program == "nft" {
			batch = "-f"
		}
		cmd = exec.Command(program, batch, "-")
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(lines, "; "), err, out)
	}
	return nil
}
