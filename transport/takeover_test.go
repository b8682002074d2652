package transport

import (
	"io"
	"testing"
	"time"
)

// deaf is a stream on which nothing arrives any more after some bytes, as on a line that went silent.
type deaf struct {
	Stream
	left   int
	heard  chan struct{} // closed when it went silent
	closed chan struct{}
}

func (d *deaf) Read(p []byte) (int, error) {
	if d.left <= 0 {
		close(d.heard)
		<-d.closed
		return 0, io.ErrUnexpectedEOF
	}
	n, err := d.Stream.Read(p[:min(len(p), d.left)])
	d.left -= n
	return n, err
}

func (d *deaf) Close() error {
	close(d.closed)
	return d.Stream.Close()
}

// TestPushAfterSilence: whose line went silent pushes again over another, before this side has missed him, and what had arrived
// is not sent again.
func TestPushAfterSilence(t *testing.T) {
	t.Parallel()
	server, client, f := pair(t, 60)
	r := seeded(61)
	g := f.clone()
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		g[name] = noise(r, 200<<10)
	}
	tip := client.commit(g, f, client.tip(main))
	first := newLink(server)
	line := &deaf{left: 700 << 10, heard: make(chan struct{}), closed: make(chan struct{})}
	first.wrap = func(s Stream) Stream {
		line.Stream = s
		return line
	}
	lost := make(chan error, 1)
	go func() {
		_, err := client.push(first)
		lost <- err
	}()
	<-line.heard
	begin := time.Now()
	res, err := client.push(newLink(server))
	if err != nil || server.tip(main) != tip {
		t.Fatalf("%+v, %v", res, err)
	}
	if took := time.Since(begin); took > leaveWithin/2 {
		t.Errorf("it took %v", took)
	}
	if res.Traffic.Sent > 700<<10 {
		t.Errorf("%d bytes were sent again", res.Traffic.Sent)
	}
	if err := <-lost; err == nil {
		t.Error("the silent push ended well")
	}
	first.served.Wait()
	server.check()
}
