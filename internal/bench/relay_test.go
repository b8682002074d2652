package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// echo answers each connection with what it sent, upper-cased, after it stopped sending.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				data, err := io.ReadAll(conn)
				if err == nil {
					conn.Write(bytes.ToUpper(data))
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// ask sends data through the relay and returns the answer and how long it took.
func ask(t *testing.T, r *relay, data []byte) ([]byte, time.Duration) {
	t.Helper()
	begin := time.Now()
	conn, err := net.Dial("tcp", r.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return answer, time.Since(begin)
}

func TestRelay(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{0, 100 * time.Millisecond} {
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			r, err := openRelay(context.Background(), echo(t), delay)
			if err != nil {
				t.Fatal(err)
			}
			data := bytes.Repeat([]byte("papers"), 200_000)
			answer, took := ask(t, r, data)
			if !bytes.Equal(answer, bytes.ToUpper(data)) {
				t.Error("the relay changed what passed")
			}
			if took < delay {
				t.Errorf("there and back took %v, want at least %v", took, delay)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if up, down := r.up.Load(), r.down.Load(); up != int64(len(data)) || down != up {
				t.Errorf("counted %d up and %d down, want %d", up, down, len(data))
			}
			if n := r.open.Load(); n != 0 {
				t.Errorf("%d connections are still open", n)
			}
		})
	}
}

func TestRelayWithoutTarget(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	r, err := openRelay(context.Background(), gone.Addr().String(), 0)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", r.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("the relay answered for a target that is not there")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
