package netlab

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// Command returns a program that is to run in the host, by Start or Run. Environment and folder are the caller's to set.
func (h *Host) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	// Should this process be killed, its children go too.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// Process is a program that runs in a host.
type Process struct {
	cmd    *exec.Cmd
	output buffer
	errors buffer
	done   chan struct{}
	err    error
}

// Start starts a command in the host and collects what it prints. The end of the test kills what still runs.
func (h *Host) Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.errors
	if err := h.Do(cmd.Start); err != nil {
		return nil, err
	}
	h.lab.mu.Lock()
	h.lab.processes = append(h.lab.processes, p)
	h.lab.mu.Unlock()
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Run starts a command in the host and waits for its end.
func (h *Host) Run(cmd *exec.Cmd) (*Process, error) {
	p, err := h.Start(cmd)
	if err != nil {
		return nil, err
	}
	return p, p.Wait()
}

// Output runs a program in the host and returns what it printed on standard output.
func (h *Host) Output(program string, args ...string) (string, error) {
	p, err := h.Run(h.Command(program, args...))
	if err != nil && p != nil {
		err = errors.Join(err, errors.New(p.Stderr()))
	}
	if p == nil {
		return "", err
	}
	return p.Stdout(), err
}

// Wait waits for the end of the process.
func (p *Process) Wait() error {
	<-p.done
	return p.err
}

// Done is closed at the end of the process.
func (p *Process) Done() <-chan struct{} { return p.done }

// Interrupt asks the process to end, as Ctrl-C does, and waits for it.
func (p *Process) Interrupt() error {
	_ = p.cmd.Process.Signal(os.Interrupt)
	return p.Wait()
}

// Kill ends the process at once, as a flat battery does.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Stdout returns what the process has printed so far on standard output.
func (p *Process) Stdout() string { return p.output.String() }

// Stderr returns what the process has printed so far on standard error.
func (p *Process) Stderr() string { return p.errors.String() }

// killAll ends what still runs when the test is over.
func (l *Lab) killAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.processes {
		_ = p.cmd.Process.Kill()
	}
	for _, p := range l.processes {
		<-p.done
	}
}

// buffer is written by a process and read by the test at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Quit ends the process at once; a Go program prints on standard error what its goroutines were doing.
func (p *Process) Quit() {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	<-p.done
}
