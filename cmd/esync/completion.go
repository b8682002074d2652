package main

import (
	"context"

	"github.com/urfave/cli/v2"
)

func completionVerb() verb {
	return verb{
		name: "completion", group: groupTool, args: "bash|zsh|fish|powershell", least: 1, most: 1,
		short: "write a script that completes verbs and flags in your shell",
		long: `bash:       source <(esync completion bash)
zsh:        esync completion zsh > "${fpath[1]}/_esync"
fish:       esync completion fish > ~/.config/fish/completions/esync.fish
PowerShell: esync completion powershell | Out-String | Invoke-Expression`,
		words: []string{"bash", "zsh", "fish", "powershell"},
		run: func(_ context.Context, s *session, c *cli.Context) error {
			shell := c.Args().First()
			script := map[string]func([]verb) string{
				"bash": bashScript, "zsh": zshScript, "fish": fishScript, "powershell": powershellScript,
			}[shell]
			if script == nil {
				return usagef("no completion for %q: there is bash, zsh, fish and powershell", shell)
			}
			text := script(verbs())
			if s.json {
				return s.object(map[string]string{"shell": shell, "script": text})
			}
			s.print(text)
			return nil
		},
	}
}

// What stands for the names that only the engagement knows; each is a command that prints them, one a line.
const (
	namesLines = "esync branch --names"
	namesPeers = "esync remote --names"
)

// namesFor is the command that lists what a verb's arguments may be, or "".
func namesFor(v verb) string {
	switch v.name {
	case "switch", "merge", "branch":
		return namesLines
	case "pull", "push", "sync", "parent":
		return namesPeers
	}
	return ""
}

// flagWords are all names of flags with their dashes.
func flagWords(flags []cli.Flag) []string {
	var words []string
	for _, f := range flags {
		for _, name := range f.Names() {
			words = append(words, dashed(name))
		}
	}
	return words
}

// valueFlags are the flags whose value is the next word.
func valueFlags(flags []cli.Flag) []string {
	var words []string
	for _, f := range flags {
		if d, ok := f.(cli.DocGenerationFlag); ok && d.TakesValue() {
			words = append(words, flagWords([]cli.Flag{f})...)
		}
	}
	return words
}
