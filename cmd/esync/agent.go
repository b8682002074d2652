package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/transport/agent"
)

func agentVerb() verb {
	return verb{
		name: "agent", group: groupTool, hidden: true,
		short: "keep connections between commands; started by itself, ends by itself",
		long: `Commands at a terminal start it, so that the next one need not connect again. It ends after 10 minutes without use.
ESYNC_AGENT=off does without, ESYNC_AGENT=on uses it in scripts as well.`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "status", Usage: "tell what it keeps"},
			&cli.BoolFlag{Name: "stop", Usage: "tell it to end"},
		},
		run: runAgent,
	}
}

func runAgent(ctx context.Context, s *session, c *cli.Context) error {
	folder := agent.Folder(s.home)
	switch {
	case c.Bool("stop"):
		if err := agent.Stop(ctx, folder); err != nil && !errors.Is(err, agent.ErrNoAgent) {
			return err
		}
		return nil
	case c.Bool("status"):
		state, err := agent.Status(ctx, folder, agentVersion())
		if err != nil {
			return err
		}
		if s.json {
			return s.object(state)
		}
		s.line("keeps %s", count(len(state.Connections), "connection"))
		return nil
	}
	l, err := agent.Listen(folder)
	if errors.Is(err, agent.ErrRunning) {
		return nil // another command was faster
	}
	if err != nil {
		return err
	}
	return agent.Serve(ctx, l, agent.Options{Version: agentVersion()})
}
