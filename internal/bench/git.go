package main

import "fmt"

func git(p place) tool {
	const quiet = "git -c gc.auto=0"
	commit := func(dir string) string {
		return fmt.Sprintf("cd %s && %s add -A && %s commit -qm x", dir, quiet, quiet)
	}
	return tool{
		name: "git",
		env: []string{
			"GIT_SSH_COMMAND=" + p.ssh(), "GIT_CONFIG_NOSYSTEM=1", "HOME=" + p.work,
			"GIT_AUTHOR_NAME=b", "GIT_AUTHOR_EMAIL=b@x", "GIT_COMMITTER_NAME=b", "GIT_COMMITTER_EMAIL=b@x",
		},
		init:   fmt.Sprintf("cd %s && git init -q -b main && git config gc.auto 0 && git config core.autocrlf false", p.tree),
		commit: commit(p.tree),
		status: fmt.Sprintf("cd %s && git status --porcelain", p.tree),
		store:  p.tree + "/.git",
		tidy:   fmt.Sprintf("cd %s && git gc -q", p.tree),
		aside:  fmt.Sprintf("cd %s && %s checkout -q -b aside", p.tree, quiet),
		home:   fmt.Sprintf("cd %s && %s checkout -q main", p.tree, quiet),
		merge:  fmt.Sprintf("cd %s && %s merge -q -m x aside", p.tree, quiet),
		// Packed, because a server that clones from often would be.
		publish: fmt.Sprintf("git clone -q --bare %s %s && git -C %s repack -adq && git -C %s config gc.auto 0 && git -C %s remote add o %s",
			p.tree, p.server, p.server, p.server, p.tree, p.server),
		clone:   func(dir string) string { return fmt.Sprintf("%s clone -q ssh://srv%s %s", quiet, p.server, dir) },
		deliver: commit(p.tree) + " && git push -q o main",
		pull:    fmt.Sprintf("cd %s && %s pull -q --ff-only", p.clone, quiet),
		record:  commit(p.clone),
		push:    fmt.Sprintf("cd %s && git push -q", p.clone),
		fetch:   fmt.Sprintf("cd %s && git pull -q --ff-only o main", p.tree),
	}
}
