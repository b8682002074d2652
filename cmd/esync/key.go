package main

import (
	"context"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/transport/ssh"
)

func keyVerb() verb {
	return verb{
		name: "key", group: groupTool,
		short: "show your public key, which others need to let you in",
		long: `The key stands for you on this device: it logs in, and it signs what you record. It is made when there is none. The
private half never leaves ESYNC_HOME.`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "host", Usage: "the key by which others know this machine's \"esync serve\" instead"},
			&cli.BoolFlag{Name: "fingerprint", Usage: "its short form, for reading aloud"},
		},
		run: runKey,
	}
}

type keyRecord struct {
	PublicKey       string `json:"public_key"`
	Fingerprint     string `json:"fingerprint"`
	Path            string `json:"path"`
	HostKey         string `json:"host_key"`
	HostFingerprint string `json:"host_fingerprint"`
}

func runKey(_ context.Context, s *session, c *cli.Context) error {
	key, err := s.userKey()
	if err != nil {
		return err
	}
	host, err := s.hostKey()
	if err != nil {
		return err
	}
	rec := keyRecord{
		PublicKey: key.line, Fingerprint: key.fingerprint, Path: filepath.Clean(key.path),
		HostKey: ssh.PublicLine(host.PublicKey(), ""), HostFingerprint: ssh.Fingerprint(host.PublicKey()),
	}
	line, short := rec.PublicKey, rec.Fingerprint
	if c.Bool("host") {
		line, short = rec.HostKey, rec.HostFingerprint
	}
	switch {
	case s.json:
		return s.object(rec)
	case c.Bool("fingerprint"):
		s.line("%s", short)
	default:
		s.line("%s", line)
	}
	return nil
}
