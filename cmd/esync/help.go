package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

const codesHelp = `Exit codes: 0 done, 1 could not do it, 2 wrong usage, 3 conflicts remain, 4 refused by the
other side (access level, unknown key), 5 data damaged, 130 interrupted.`

const environmentHelp = `Environment: ESYNC_HOME (folder of keys and settings), ESYNC_AUTHOR ("Name <mail>"), ESYNC_DATE (time of what is
recorded), ESYNC_SSH_CONFIG (as --ssh-config), ESYNC_LAN=off (look for nobody on the network, and announce nothing),
ESYNC_AGENT=on|off (keep connections between commands; otherwise at a terminal), NO_COLOR, SSH_AUTH_SOCK.`

func helpVerb() verb {
	return verb{
		name: "help", group: groupTool, args: "[VERB]", short: "show the verbs, or all about one", most: 1,
		run: func(_ context.Context, s *session, c *cli.Context) error {
			all := verbs()
			name := c.Args().First()
			if name == "" {
				return help(s.output, all)
			}
			v, ok := find(all, name)
			if !ok {
				return unknownVerb(all, name)
			}
			if s.json {
				return s.object(describe(v))
			}
			showVerb(s.output, v)
			return nil
		},
	}
}

func help(o *output, all []verb) error {
	if !o.json {
		showVerbs(o, all)
		return nil
	}
	for _, v := range all {
		if err := o.object(describe(v)); err != nil {
			return err
		}
	}
	return nil
}

// showVerbs lists all verbs in their groups.
func showVerbs(o *output, all []verb) {
	o.line("esync keeps the working papers of an engagement in equal copies, with their whole history.\n")
	o.line("Usage: esync [FLAG…] VERB [ARGUMENT…]")
	var last group
	for _, v := range all {
		if v.hidden {
			continue
		}
		if v.group != last {
			last = v.group
			o.line("\n%s", string(v.group))
		}
		o.line("  %-11s %s", v.name, v.short)
	}
	o.line("\nFlags of every verb, anywhere in the line")
	showFlags(o, globalFlags())
	o.line("\n%s\n\n%s\n\nRun \"esync help VERB\" for more about one.", raw(codesHelp), raw(environmentHelp))
}

// showVerb tells all about one.
func showVerb(o *output, v verb) {
	o.line("%s: %s\n", v.name, v.short)
	o.line("%s", usageLine(v))
	if v.long != "" {
		o.line("\n%s", raw(strings.TrimSpace(v.long)))
	}
	if len(v.flags) > 0 {
		o.line("\nFlags")
		showFlags(o, v.flags)
	}
	o.line("\nFlags of every verb")
	showFlags(o, globalFlags())
	o.line("\n%s", raw(codesHelp))
}

func showFlags(o *output, flags []cli.Flag) {
	for _, f := range flags {
		o.line("  %-28s %s", flagNames(f), flagUsage(f))
	}
}

// flagNames writes a flag as it is typed: -m, --message TEXT.
func flagNames(f cli.Flag) string {
	var short, long []string
	for _, name := range f.Names() {
		if len(name) == 1 {
			short = append(short, dashed(name))
		} else {
			long = append(long, dashed(name))
		}
	}
	text := strings.Join(append(short, long...), ", ")
	if value, _ := placeholder(f); value != "" {
		text += " " + value
	}
	return text
}

func flagUsage(f cli.Flag) string {
	_, usage := placeholder(f)
	return usage
}

// placeholder gives the name of the flag's value, which stands in backquotes in its usage, and the usage without them.
func placeholder(f cli.Flag) (value, usage string) {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return "", ""
	}
	usage = d.GetUsage()
	if !d.TakesValue() {
		return "", usage
	}
	before, rest, found := strings.Cut(usage, "`")
	name, after, _ := strings.Cut(rest, "`")
	if !found {
		return "VALUE", usage
	}
	return name, before + name + after
}

func usageLine(v verb) string {
	text := "usage: esync " + v.name
	if v.args != "" {
		text += " " + v.args
	}
	return text
}

type verbRecord struct {
	Verb  string   `json:"verb"`
	Usage string   `json:"usage"`
	Does  string   `json:"does"`
	Flags []string `json:"flags"`
}

func describe(v verb) verbRecord {
	rec := verbRecord{Verb: v.name, Usage: strings.TrimPrefix(usageLine(v), "usage: "), Does: v.short, Flags: []string{}}
	for _, f := range v.flags {
		rec.Flags = append(rec.Flags, fmt.Sprintf("%s: %s", flagNames(f), flagUsage(f)))
	}
	return rec
}
