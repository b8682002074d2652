package main

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"strings"
	"testing"
)

// The usual port is not insisted on, another one that was asked for is.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = net.Listen("tcp", taken.Addr().String())
	if !portTaken(err) {
		t.Errorf("%v is not understood", err)
	}
	env, out, said := testEnvironment(t)
	env.random = rand.Reader
	if code := run(t.Context(), env, []string{"init", "eng1"}); code != codeDone {
		t.Fatal(said)
	}
	out.Reset()
	said.Reset()
	if code := run(t.Context(), env, []string{"serve", "--listen", taken.Addr().String(), "eng1"}); code != codeFailed || out.Len() > 0 {
		t.Errorf("serve on a port that is taken: %d %q %q", code, out, said)
	}
	usual, err := net.Listen("tcp", ":7472")
	if err != nil {
		t.Skipf("the usual port cannot be had here: %v", err)
	}
	defer usual.Close()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	env.stdout = writer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, env, []string{"serve", "eng1"})
		writer.Close()
	}()
	line := make([]byte, 256)
	n, _ := io.ReadAtLeast(reader, line, 20)
	go io.Copy(io.Discard, reader)
	cancel()
	if code := <-done; code != codeDone || !strings.HasPrefix(string(line[:n]), "listening ") || strings.Contains(string(line[:n]), ":7472 ") {
		t.Errorf("serve beside another one: %d %q %q", code, line[:n], said)
	}
	if !strings.Contains(said.String(), "port 7472 is taken") {
		t.Errorf("nothing was said about the port: %q", said)
	}
}
