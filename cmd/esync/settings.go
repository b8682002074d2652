package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport/ssh"
)

func settingsVerb() verb {
	return verb{
		name: "settings", group: groupMembers, args: "[set WHAT VALUE…]", most: many,
		short: "show or change what the top-level parent decides for all copies",
		long: `esync settings                        shows them
esync settings set name NAME          the engagement's name
esync settings set hub [HUB…]         hubs by which copies meet; none: no hub
esync settings set ignore [PATTERN…]  files that nobody records, as in .esyncignore
esync settings set merge [POLICY=WORD…]
    office=join|whole     join workbooks and documents, or leave both versions for a person
    folders=follow|ask    what one puts into a folder that another renamed follows it, or is for a person
    renames=follow|off    a file that one renamed and another edited is joined, or is for a person
Only an admin may change them. Every copy verifies them, and carries them on with the next sync.`,
		words: []string{"set"},
		run:   runSettings,
	}
}

type settingsRecord struct {
	Engagement string            `json:"engagement"`
	ID         string            `json:"id"`
	Version    string            `json:"version"`
	Hubs       []string          `json:"hubs"`
	Ignore     []string          `json:"ignore"`
	Merge      map[string]string `json:"merge"`
	Members    int               `json:"members"`
}

func runSettings(ctx context.Context, s *session, c *cli.Context) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	args := c.Args().Slice()
	switch {
	case len(args) == 0:
		settings, version, err := r.Settings(ctx)
		if err != nil {
			return err
		}
		return s.showSettings(r, settings, version)
	case args[0] == "set" && len(args) >= 2:
		edit, err := settingsEdit(args[1], args[2:])
		if err != nil {
			return err
		}
		err = r.ChangeSettings(ctx, edit)
		if err != nil && !errors.Is(err, repo.ErrNothing) {
			return doing("set", args[1], err)
		}
		if err := s.done("set", args[1]); err != nil {
			return err
		}
		if parent, ok := r.Parent(); ok && err == nil {
			s.hint("the other copies learn of it when you push: esync push %s", parent)
		}
		return nil
	}
	return usagef("settings understands: settings, settings set name|hub|ignore|merge VALUE…")
}

// settingsEdit reads what is to be set.
func settingsEdit(what string, values []string) (func(*roster.Settings) error, error) {
	switch what {
	case "name":
		if len(values) != 1 {
			return nil, usagef("set name takes one name")
		}
		return func(s *roster.Settings) error { s.Engagement = values[0]; return nil }, nil
	case "hub", "hubs":
		for _, hub := range values {
			if _, err := ssh.ParseTarget(hub); err != nil {
				return nil, usagef("hub %q: %v", hub, err)
			}
		}
		return func(s *roster.Settings) error { s.Hubs = slices.Clone(values); return nil }, nil
	case "ignore":
		return func(s *roster.Settings) error { s.Ignore = slices.Clone(values); return nil }, nil
	case "merge":
		policy := map[string]string{}
		for _, value := range values {
			pattern, word, ok := strings.Cut(value, "=")
			if !ok {
				return nil, usagef("merge takes POLICY=WORD, not %q", value)
			}
			if err := repo.CheckMergePolicy(pattern, word); err != nil {
				return nil, err
			}
			policy[pattern] = word
		}
		return func(s *roster.Settings) error { s.Merge = policy; return nil }, nil
	}
	return nil, usagef("%q is no setting: there is name, hub, ignore and merge", what)
}

func (s *session) showSettings(r *repo.Repo, t *roster.Settings, version objects.ID) error {
	if s.json {
		merge := t.Merge
		if merge == nil {
			merge = map[string]string{}
		}
		return s.object(settingsRecord{t.Engagement, r.ID().String(), version.String(), some(t.Hubs), some(t.Ignore), merge, len(t.Members)})
	}
	s.line("name\t%s", t.Engagement)
	s.line("engagement\t%s", r.ID().String())
	s.line("version\t%s", version.String())
	for _, hub := range t.Hubs {
		s.line("hub\t%s", hub)
	}
	for _, pattern := range t.Ignore {
		s.line("ignore\t%s", pattern)
	}
	var patterns []string
	for pattern := range t.Merge {
		patterns = append(patterns, pattern)
	}
	sort.Strings(patterns)
	for _, pattern := range patterns {
		s.line("merge\t%s", fmt.Sprintf("%s=%s", pattern, t.Merge[pattern]))
	}
	s.line("members\t%d", len(t.Members))
	return nil
}
