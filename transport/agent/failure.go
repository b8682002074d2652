package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/esync/esync/transport/ssh"
)

// code numbers the errors that cross the socket. The list only grows.
type code int

const (
	codeOther       code = 1
	codePerson      code = 2 // somebody would have to be asked
	codeUnreachable code = 3
	codeAuth        code = 4
	codeHostUnknown code = 5
	codeHostChanged code = 6
	codeConfig      code = 7
	codeTarget      code = 8
	codeHandshake   code = 9
	codeKey         code = 10
	codeRefused     code = 11
	codeBusy        code = 12
	codeRequest     code = 13
	codeLost        code = 14
	codeRemote      code = 15
	codeCut         code = 16
	codeFull        code = 17 // the agent has too much to do
)

// sentinels are the errors of package ssh by their codes, the more special ones first.
var sentinels = []struct {
	code code
	err  error
}{
	{codeHostUnknown, ssh.ErrHostKeyUnknown}, {codeHostChanged, ssh.ErrHostKeyChanged}, {codeAuth, ssh.ErrAuth},
	{codeRemote, ssh.ErrRemote}, {codeBusy, ssh.ErrBusy}, {codeRefused, ssh.ErrRefused}, {codeLost, ssh.ErrLost},
	{codeUnreachable, ssh.ErrUnreachable}, {codeRequest, ssh.ErrRequest}, {codeHandshake, ssh.ErrHandshake}, {codeKey, ssh.ErrKey},
	{codeTarget, ssh.ErrTarget}, {codeConfig, ssh.ErrConfig}, {codeCut, io.ErrUnexpectedEOF}, {codePerson, errPerson},
}

// errPerson: somebody would have to be asked something.
var errPerson = errors.New("a person is needed")

// failure is an error as it crosses the socket: the details of the one struct that package ssh has for it, if any.
type failure struct {
	Code        code                  `json:"code"`
	Text        string                `json:"text"`
	Unreachable *ssh.UnreachableError `json:"unreachable,omitempty"`
	Auth        *ssh.AuthError        `json:"auth,omitempty"`
	HostKey     *ssh.HostKeyError     `json:"host_key,omitempty"`
	Refused     *ssh.RefusedError     `json:"refused,omitempty"`
	Remote      *ssh.RemoteError      `json:"remote,omitempty"`
}

const maxText = 4 << 10

// failed is err as it crosses the socket.
func failed(err error) failure {
	text := err.Error()
	f := failure{Code: codeOther, Text: text[:min(len(text), maxText)]}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			f.Code = s.code
			break
		}
	}
	// The causes stay behind: the text names them.
	if e := (*ssh.UnreachableError)(nil); errors.As(err, &e) {
		plain := *e
		plain.Err, f.Unreachable = nil, &plain
	}
	if e := (*ssh.AuthError)(nil); errors.As(err, &e) {
		plain := *e
		plain.Err, f.Auth = nil, &plain
	}
	if e := (*ssh.HostKeyError)(nil); errors.As(err, &e) {
		plain := *e
		plain.Err, f.HostKey = nil, &plain
	}
	if e := (*ssh.RefusedError)(nil); errors.As(err, &e) {
		plain := *e
		plain.Err, f.Refused = nil, &plain
	}
	if e := (*ssh.RemoteError)(nil); errors.As(err, &e) {
		f.Remote = e
	}
	return f
}

// dialFailed is the failure of a connection that the agent could not make: where a person could have helped, it says that.
func dialFailed(err error) failure {
	var auth *ssh.AuthError
	if errors.Is(err, ssh.ErrHostKeyUnknown) || errors.As(err, &auth) && len(auth.Skipped) > 0 {
		return failure{Code: codePerson, Text: errPerson.Error()}
	}
	return failed(err)
}

// parseFailure reads a failure.
func parseFailure(content []byte) error {
	var f failure
	if err := json.Unmarshal(content, &f); err != nil {
		return fmt.Errorf("%w: a failure", ErrFrame)
	}
	return f.err()
}

// textError is the text of an error of the agent, and what it stands for.
type textError struct {
	text string
	err  error
}

func (e *textError) Error() string { return e.text }

func (e *textError) Unwrap() error { return e.err }

// err is the failure as package ssh would have returned it.
func (f failure) err() error {
	var sentinel error
	for _, s := range sentinels {
		if s.code == f.Code {
			sentinel = s.err
		}
	}
	text := &textError{f.Text, sentinel}
	switch {
	case f.Code == codePerson, f.Code == codeFull:
		return fmt.Errorf("%w: %s", ErrNoAgent, f.Text)
	case f.Code == codeUnreachable && f.Unreachable != nil:
		f.Unreachable.Err = text
		return f.Unreachable
	case f.Code == codeAuth && f.Auth != nil:
		f.Auth.Err = text
		return f.Auth
	case (f.Code == codeHostChanged || f.Code == codeHostUnknown) && f.HostKey != nil:
		f.HostKey.Err = sentinel
		return f.HostKey
	case (f.Code == codeRefused || f.Code == codeBusy) && f.Refused != nil:
		f.Refused.Err = sentinel
		return f.Refused
	case f.Code == codeRemote && f.Remote != nil:
		return f.Remote
	case f.Code == codeCut:
		return io.ErrUnexpectedEOF
	}
	return text
}

// dead reports whether the error of a kept connection means that it was dead, and another may do better.
func dead(err error) bool {
	return errors.Is(err, ssh.ErrLost) || errors.Is(err, errNoAnswer)
}

// errNoAnswer is the cause when a kept connection does not answer soon.
var errNoAnswer = fmt.Errorf("%w: no answer", ssh.ErrLost)
