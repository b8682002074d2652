package main

import (
	"context"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/refs"
	"github.com/esync/esync/repo"
)

func undoVerb() verb {
	return verb{
		name: "undo", group: groupRecord, args: "[NUMBER]", most: 1,
		short: "take the last operation back, whatever it was; again and again",
		long:  `With the number of an operation from "esync undo --list" that one is taken back. "esync redo" does again what was undone.`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "list", Aliases: []string{"l"}, Usage: "list what was done in this copy, newest first"},
			&cli.IntFlag{Name: "limit", Aliases: []string{"n"}, Usage: "list at most `NUMBER`"},
		},
		run: runUndo,
	}
}

func redoVerb() verb {
	return verb{
		name: "redo", group: groupRecord, short: "do again what the last undo took back",
		run: func(ctx context.Context, s *session, _ *cli.Context) error {
			r, err := s.open(ctx)
			if err != nil {
				return err
			}
			defer r.Close()
			res, err := r.Undo(ctx, repo.UndoOptions{Redo: true})
			if err != nil {
				return doing("redo", "", nothing(err, "nothing was undone that could be done again"))
			}
			return s.showUndone("did again", res)
		},
	}
}

type operationRecord struct {
	Seq     uint64         `json:"seq"`
	Time    string         `json:"time"`
	Command string         `json:"command"`
	Author  string         `json:"author"`
	Device  string         `json:"device"`
	Undoes  uint64         `json:"undoes,omitempty"`
	Changes []changeRecord `json:"changes"`
}

type changeRecord struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

func operationOf(op refs.Operation) operationRecord {
	rec := operationRecord{op.Seq, op.Time.Format(time.RFC3339), op.Command, op.Author, op.Device, op.Undoes, []changeRecord{}}
	for _, c := range op.Changes {
		rec.Changes = append(rec.Changes, changeRecord{c.Name.String(), string(c.Old), string(c.New)})
	}
	return rec
}

type undoRecord struct {
	Undone operationRecord `json:"undone"`
	filesRecord
}

func runUndo(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.Bool("list") {
		return s.listOperations(r, c.Int("limit"))
	}
	var o repo.UndoOptions
	if c.Args().Present() {
		if o.Seq, err = strconv.ParseUint(c.Args().First(), 10, 64); err != nil || o.Seq == 0 {
			return usagef("%q is not the number of an operation", c.Args().First()).hint(`run "esync undo --list"`)
		}
	}
	res, err := r.Undo(ctx, o)
	if err != nil {
		return doing("undo", "", nothing(err, "nothing is left to take back"))
	}
	return s.showUndone("took back", res)
}
