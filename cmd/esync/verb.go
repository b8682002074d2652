package main

import (
	"context"

	"github.com/urfave/cli/v2"
)

// group orders the verbs in the list of them.
type group string

const (
	groupStart   group = "Begin"
	groupLook    group = "Look"
	groupRecord  group = "Record and take back"
	groupLines   group = "Lines of work"
	groupPeers   group = "Other copies"
	groupMembers group = "Who may"
	groupCare    group = "Care"
	groupTool    group = "The tool itself"
)

// many says that a verb takes any number of arguments.
const many = -1

// verb is one word the user may type, and all that help, completion and the reading of arguments must know of it.
type verb struct {
	name   string
	group  group
	args   string // the arguments as help shows them
	short  string // one line, without a full stop
	long   string // more lines of help
	flags  []cli.Flag
	least  int // number of arguments
	most   int
	hidden bool     // left out of the list of verbs: nobody need type it
	words  []string // what completion offers as first argument
	run    func(ctx context.Context, s *session, c *cli.Context) error
}

// globalFlags may stand anywhere in the line.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Usage: "one JSON object per line on stdout"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "no hints, no progress"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say more on stderr"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colours"},
		&cli.StringFlag{Name: "ssh-config", Usage: "`FILE` to read instead of ~/.ssh/config"},
		&cli.StringFlag{Name: "C", Usage: "work as if started in `DIR`"},
		&cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help"},
		&cli.BoolFlag{Name: "version", Usage: "show the version"},
	}
}

// find gives the verb of that name.
func find(all []verb, name string) (verb, bool) {
	for _, v := range all {
		if v.name == name {
			return v, true
		}
	}
	return verb{}, false
}
