package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"
)

// splitWords splits a command as a shell does where it has nothing to decide: spaces, quotes and backslashes. What only a
// shell could do is refused, since none is run.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == '\'':
			word.WriteByte(c)
		case c == '\\' && i+1 < len(text) && strings.IndexByte(`\"' $`, text[i+1]) >= 0: // other backslashes are Windows paths
			i++
			word.WriteByte(text[i])
			open = true
		case strings.IndexByte("$`", c) >= 0, quote == 0 && strings.IndexByte("|&;<>", c) >= 0:
			return nil, fmt.Errorf("%q needs a shell", text)
		case quote == 0 && (c == '"' || c == '\''):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%q lacks a closing quote", text)
	}
	if open {
		words = append(words, word.String())
	}
	if len(words) == 0 {
		return nil, errors.New("it is empty")
	}
	return words, nil
}

// pipeConn is a running proxy command as a net.Conn.
type pipeConn struct {
	io.Reader
	io.WriteCloser
	cmd    *exec.Cmd
	cancel context.CancelFunc
	stderr *tail
	done   chan struct{}
}

// dialCommand runs words. The command's life ends with the connection.
func dialCommand(words []string) (net.Conn, error) {
	path, err := exec.LookPath(words[0]) // never finds a program in the current folder
	if err != nil {
		return nil, fmt.Errorf("%w: ProxyCommand: %w", ErrConfig, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, words[1:]...)
	cmd.WaitDelay = time.Second
	p := &pipeConn{cmd: cmd, cancel: cancel, stderr: &tail{}, done: make(chan struct{})}
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err == nil {
		p.WriteCloser = in
		// Not StdoutPipe: Wait would close it before the last bytes are read.
		var out *io.PipeWriter
		p.Reader, out = io.Pipe()
		cmd.Stdout = out
		if err = cmd.Start(); err == nil {
			go func() {
				defer close(p.done)
				_ = cmd.Wait()
				if text := printable(p.stderr.String(), maxStderr); text != "" {
					out.CloseWithError(fmt.Errorf("proxy command: %s", text))
					return
				}
				out.Close()
			}()
			return p, nil
		}
	}
	cancel()
	return nil, fmt.Errorf("%w: ProxyCommand: %w", ErrConfig, err)
}

func (p *pipeConn) Close() error {
	p.cancel()
	_ = p.WriteCloser.Close()
	_ = p.Reader.(*io.PipeReader).Close()
	<-p.done
	return nil
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "proxy command" }

func (p *pipeConn) LocalAddr() net.Addr              { return pipeAddr{} }
func (p *pipeConn) RemoteAddr() net.Addr             { return pipeAddr{} }
func (p *pipeConn) SetDeadline(time.Time) error      { return nil }
func (p *pipeConn) SetReadDeadline(time.Time) error  { return nil }
func (p *pipeConn) SetWriteDeadline(time.Time) error { return nil }
