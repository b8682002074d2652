package main

import "fmt"

// restic, like borg, has one store, which the server publishes.
func restic(p place) tool {
	remote := fmt.Sprintf("-r sftp:srv:%s -o sftp.command='%s srv -s sftp'", p.repo, p.ssh())
	backup := fmt.Sprintf("cd %s && restic -q -r %s backup .", p.tree, p.repo)
	return tool{
		name:    "restic",
		env:     []string{"RESTIC_PASSWORD=x", "XDG_CACHE_HOME=" + p.work + "/cache", "HOME=" + p.work},
		init:    fmt.Sprintf("restic -q -r %s init --repository-version 2", p.repo),
		commit:  backup,
		status:  backup,
		store:   p.repo,
		publish: "true",
		clone: func(dir string) string {
			return fmt.Sprintf("restic -q %s --cache-dir %s.cache restore latest --target %s", remote, dir, dir)
		},
		forget:  fmt.Sprintf("rm -rf %s*.cache", p.clone),
		deliver: backup,
		record:  "true",
		push:    fmt.Sprintf("cd %s && restic -q %s backup .", p.clone, remote),
		fetch:   "true",
	}
}
