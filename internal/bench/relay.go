package main

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// relay passes TCP connections on to one address and counts what passes. With a delay it holds every piece back for half of it
// in each direction, without bounding the rate: what sits between the ends is bounded by queueBytes alone.
type relay struct {
	listener net.Listener
	target   string
	delay    time.Duration

	up, down atomic.Int64 // bytes from and to the side that connected
	open     atomic.Int64 // connections
	done     sync.WaitGroup
}

const (
	pieceBytes = 256 << 10
	// queueBytes is what one direction of a delayed connection may hold: 640 MB/s at 100 ms.
	queueBytes = 64 << 20
)

// openRelay listens on a loopback port of its own until ctx ends.
func openRelay(ctx context.Context, target string, delay time.Duration) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: listener, target: target, delay: delay}
	context.AfterFunc(ctx, func() { listener.Close() })
	r.done.Go(r.accept)
	return r, nil
}

// Close stops listening and waits for the connections to end.
func (r *relay) Close() error {
	err := r.listener.Close()
	r.done.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (r *relay) passed() (up, down int64) { return r.up.Load(), r.down.Load() }

func (r *relay) idle() bool { return r.open.Load() == 0 }

func (r *relay) accept() {
	for {
		near, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.open.Add(1)
		r.done.Go(func() {
			defer r.open.Add(-1)
			r.pass(near.(*net.TCPConn))
		})
	}
}

func (r *relay) pass(near *net.TCPConn) {
	defer near.Close()
	conn, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	far := conn.(*net.TCPConn)
	defer far.Close()
	var both sync.WaitGroup
	both.Go(func() { r.move(far, near, &r.up) })
	both.Go(func() { r.move(near, far, &r.down) })
	both.Wait()
}

// move passes one direction on. When the receiver is gone the sender is cut off too, as a network would do.
func (r *relay) move(to, from *net.TCPConn, count *atomic.Int64) {
	defer to.CloseWrite()
	if r.delay == 0 {
		if _, err := io.CopyBuffer(counter{to, count}, struct{ io.Reader }{from}, make([]byte, pieceBytes)); err != nil {
			from.Close()
		}
		return
	}
	type piece struct {
		data []byte
		due  time.Time
	}
	// The pieces in the queue are at least a segment each on a busy line; their number bounds the bytes.
	queue := make(chan piece, queueBytes/pieceBytes)
	go func() {
		defer close(queue)
		buffer := make([]byte, pieceBytes)
		for {
			n, err := from.Read(buffer)
			if n > 0 {
				queue <- piece{append([]byte(nil), buffer[:n]...), time.Now().Add(r.delay / 2)}
			}
			if err != nil {
				return
			}
		}
	}()
	writer := counter{to, count}
	broken := false
	for p := range queue {
		if broken {
			continue
		}
		time.Sleep(time.Until(p.due))
		if _, err := writer.Write(p.data); err != nil {
			broken = true
			from.Close()
		}
	}
}

// counter counts what is written.
type counter struct {
	io.Writer
	n *atomic.Int64
}

func (c counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n.Add(int64(n))
	return n, err
}
