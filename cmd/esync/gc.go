package main

import (
	"context"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/repo"
)

func gcVerb() verb {
	return verb{
		name: "gc", group: groupCare,
		short: "tidy what this copy keeps: join packs, drop what nothing needs any more",
		flags: []cli.Flag{
			&cli.DurationFlag{Name: "grace", Value: repo.DefaultGrace, Usage: "keep what is younger than `TIME`, like 336h; 0s keeps nothing"},
		},
		run: runGC,
	}
}

type gcRecord struct {
	PacksBefore int   `json:"packs_before"`
	PacksAfter  int   `json:"packs_after"`
	BytesBefore int64 `json:"bytes_before"`
	BytesAfter  int64 `json:"bytes_after"`
	Dropped     int   `json:"dropped"`
}

func runGC(ctx context.Context, s *session, c *cli.Context) error {
	grace := c.Duration("grace")
	switch {
	case grace < 0:
		return usagef("a grace time is not negative")
	case grace == 0:
		grace = -time.Second // none, in the words of package repo
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	res, err := r.GC(ctx, repo.GCOptions{Grace: grace})
	if err != nil {
		return doing("tidy", r.Root(), err)
	}
	if s.json {
		return s.object(gcRecord{res.PacksBefore, res.PacksAfter, res.BytesBefore, res.BytesAfter, res.Dropped})
	}
	s.line("tidied: %s to %d, %s to %s, %s dropped", count(res.PacksBefore, "pack"), res.PacksAfter,
		humanize.Bytes(uint64(res.BytesBefore)), humanize.Bytes(uint64(res.BytesAfter)), count(res.Dropped, "object"))
	return nil
}
