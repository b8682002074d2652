package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func catVerb() verb {
	return verb{
		name: "cat", group: groupLook, args: "ID:PATH", least: 1, most: 1,
		short: "write a file of a commit to stdout, byte for byte",
		long:  `ID:PATH as in "esync show"; ":PATH" is that of the last commit. The ID of a file's content (b3sum) does as well.`,
		run:   runCat,
	}
}

func runCat(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	spec := c.Args().First()
	if s.json {
		return s.catJSON(ctx, r, spec)
	}
	if err := r.Cat(ctx, spec, s.out); err != nil {
		return doing("read", spec, err)
	}
	return nil
}

// catJSON writes one object with the content in base64, without holding it in memory.
func (s *session) catJSON(ctx context.Context, r *repo.Repo, spec string) error {
	e, err := r.FindEntry(spec)
	if err != nil {
		return doing("read", spec, err)
	}
	head, err := json.Marshal(entryOf(pathOf(spec), e))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, `%s,"base64":"`, safeJSON(head[:len(head)-1]))
	b := base64.NewEncoder(base64.StdEncoding, s.out)
	if err := r.Cat(ctx, spec, b); err != nil {
		return doing("read", spec, err)
	}
	if err := b.Close(); err != nil {
		return err
	}
	_, err = io.WriteString(s.out, "\"}\n")
	return err
}

// contentWriter shows a file's content: as it is to a file or pipe, made safe to a terminal.
func (s *session) contentWriter() io.Writer {
	if !s.env.outTerminal {
		return s.out
	}
	return &safeWriter{to: s.out}
}

// safeWriter makes whole lines safe. A line without end is cut at a limit.
type safeWriter struct {
	to   io.Writer
	rest []byte
}

func (w *safeWriter) Write(p []byte) (int, error) {
	const limit = 64 << 10
	w.rest = append(w.rest, p...)
	cut := strings.LastIndexByte(string(w.rest), '\n') + 1
	if cut == 0 && len(w.rest) < limit {
		return len(p), nil
	}
	if cut == 0 {
		cut = len(w.rest)
	}
	_, err := io.WriteString(w.to, safeLines(string(w.rest[:cut])))
	w.rest = append(w.rest[:0], w.rest[cut:]...)
	return len(p), err
}
