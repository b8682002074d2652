package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// sample is what one command cost. What was not measured is zero.
type sample struct {
	Size, Line, Row, Tool string
	Repeat                int

	Wall       time.Duration // seconds of the clock
	ClientCPU  time.Duration
	ServerCPU  time.Duration
	Peak       int64 // largest client process
	ServerPeak int64 // anonymous memory of all server processes
	Up, Down   int64 // on the wire
	Growth     int64 // of the store
	Store      int64 // after the command, allocated
	StoreFiles int
	Resent     int64   // bytes on the wire beyond those of an undisturbed run
	Trips      float64 // round trips of the link that the command took longer than over a link without delay
	Failed     string  // why the other figures mean nothing
}

func (s *sample) wire() int64 { return s.Up + s.Down }

// patience is how long one command may take.
const patience = 30 * time.Minute

// pollServer is how often the memory of a server is looked at.
const pollServer = 50 * time.Millisecond

// measure runs the commands at once and waits for them. Without a way the wire is not looked at. When limit is above zero,
// the commands are killed as soon as that many bytes have passed; that is no failure.
func measure(ctx context.Context, t tool, way *link, limit int64, commands ...string) sample {
	flushDisks()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var s sample
	var watch sync.WaitGroup
	watching, finished := context.WithCancel(ctx)
	var serverBefore time.Duration
	var up, down, memoryBefore int64
	if way != nil {
		serverBefore = cpuOf(way.server.pid())
		up, down = way.wire.passed()
		memoryBefore = anonymousOf(way.server.pid())
		watch.Go(func() { s.ServerPeak = watchMemory(watching, way.server.pid()) - memoryBefore })
		if limit > 0 {
			watch.Go(func() { stopAt(watching, way, up+down+limit, cancel) })
		}
	}
	ended := make([]*ended, len(commands))
	var all sync.WaitGroup
	begin := time.Now()
	for i, command := range commands {
		all.Go(func() { ended[i] = way.shell(ctx, t, command) })
	}
	all.Wait()
	s.Wall = time.Since(begin)
	finished()
	watch.Wait()
	for _, e := range ended {
		s.ClientCPU += e.cpu
		s.Peak = max(s.Peak, e.peak)
		if e.err != nil && !(limit > 0 && ctx.Err() != nil) {
			s.Failed = e.err.Error()
		}
	}
	if way != nil {
		way.settle()
		s.ServerCPU = cpuOf(way.server.pid()) - serverBefore
		upNow, downNow := way.wire.passed()
		s.Up, s.Down = upNow-up, downNow-down
	}
	return s
}

func watchMemory(ctx context.Context, pid int) (most int64) {
	for ticker := time.NewTicker(pollServer); ; {
		most = max(most, anonymousOf(pid))
		select {
		case <-ctx.Done():
			ticker.Stop()
			return most
		case <-ticker.C:
		}
	}
}

func stopAt(ctx context.Context, way *link, total int64, stop func()) {
	for ctx.Err() == nil {
		if up, down := way.wire.passed(); up+down >= total {
			stop()
			return
		}
		time.Sleep(500 * time.Microsecond)
	}
}

// ended is what one shell cost.
type ended struct {
	cpu  time.Duration
	peak int64
	err  error
}

// shell runs a command on the machine of the bench itself.
func shell(ctx context.Context, t tool, command string) *ended {
	return (*link)(nil).shell(ctx, t, command)
}

// shell runs a command where the clients of the link are.
func (w *link) shell(ctx context.Context, t tool, command string) *ended {
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	inGroup(cmd)
	cmd.Env = append(os.Environ(), t.env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := w.start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	e := &ended{}
	if state := cmd.ProcessState; state != nil {
		e.cpu = state.UserTime() + state.SystemTime()
		e.peak = peakMemory(state)
	}
	if err != nil {
		e.err = fmt.Errorf("%s: %w: %.300s", t.name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return e
}

// quietly runs a command that is not measured; an empty one does nothing.
func quietly(ctx context.Context, t tool, command string) error {
	if command == "" {
		return nil
	}
	if err := shell(ctx, t, command).err; err != nil {
		return fmt.Errorf("%.120q: %w", command, err)
	}
	return nil
}

// allocated is the number of bytes and of files below dir; nothing when it is not there.
func allocated(dir string) (size int64, files int, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		size += blocks(info)
		files++
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return size, files, err
}
