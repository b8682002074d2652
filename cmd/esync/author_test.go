package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/esync/esync/objects"
)

func TestAuthor(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	config := `# comment
[core]
	name = not this
[User]
	Name = "Ada # Lovelace" ; the first
	email = ada@example.com # mail
[user "other"]
	name = nor this
`
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{}
	env := environment{home: home, getenv: func(name string) string { return vars[name] }}
	check := func(want objects.Person) {
		t.Helper()
		got, err := env.author()
		if err != nil || got != want {
			t.Errorf("got %v and %v, want %v", got, err, want)
		}
	}
	check(objects.Person{Name: "Ada # Lovelace", Mail: "ada@example.com"})
	vars["ESYNC_AUTHOR"] = "Grace Hopper <grace@example.com>"
	check(objects.Person{Name: "Grace Hopper", Mail: "grace@example.com"})
	vars["ESYNC_AUTHOR"] = "Grace"
	check(objects.Person{Name: "Grace"})
	for _, bad := range []string{"<a@b>", "A <a@b", "A <a@b> c", "A\nB <a@b>"} {
		vars["ESYNC_AUTHOR"] = bad
		if p, err := env.author(); err == nil {
			t.Errorf("%q was taken as %v", bad, p)
		}
	}
	vars["ESYNC_AUTHOR"] = ""
	env.home = t.TempDir()
	if p, err := env.author(); err != nil || p.Name == "" {
		t.Errorf("without any setting: %v, %v", p, err)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"1700000000": 1700000000, "2026-11-22T10:00:00Z": 1795341600, "2026-11-22T12:00:00+02:00": 1795341600} {
		env := environment{getenv: func(string) string { return text }}
		now, err := env.clock()
		if err != nil || now().Unix() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	env := environment{getenv: func(string) string { return "yesterday" }}
	if _, err := env.clock(); err == nil {
		t.Error("yesterday was taken as a time")
	}
}
