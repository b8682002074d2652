package main

import "fmt"

// borg has one store, which the server publishes; the second user restores from it and backs up to it.
func borg(p place) tool {
	create := func(dir, repo string) string {
		return fmt.Sprintf("cd %s && borg create -C lz4 %s::'{now:%%H%%M%%S.%%f}' .", dir, repo)
	}
	remote := "ssh://srv" + p.repo
	return tool{
		name: "borg",
		env: []string{
			"BORG_BASE_DIR=" + p.work + "/borg", "BORG_RSH=" + p.ssh(), "HOME=" + p.work, "LC_ALL=C.UTF-8",
			"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes", "BORG_RELOCATED_REPO_ACCESS_IS_OK=yes",
		},
		init:    "borg init -e none " + p.repo,
		commit:  create(p.tree, p.repo),
		status:  create(p.tree, p.repo),
		store:   p.repo,
		publish: "true",
		clone: func(dir string) string {
			return fmt.Sprintf("mkdir -p %s && cd %s && borg extract %s::$(borg list --last 1 --short %s)", dir, dir, remote, remote)
		},
		deliver: create(p.tree, p.repo),
		record:  "true",
		push:    create(p.clone, remote),
		fetch:   "true",
	}
}
