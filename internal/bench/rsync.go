package main

import "fmt"

// rsync keeps no history: its store is a mirror.
func rsync(p place) tool {
	over := func(flags, from, to string) string {
		return fmt.Sprintf("rsync -a %s -e '%s' %s/ %s/", flags, p.ssh(), from, to)
	}
	return tool{
		name:    "rsync",
		commit:  mirror(p.tree, p.repo),
		status:  fmt.Sprintf("rsync -an --delete %s/ %s/", p.tree, p.repo),
		store:   p.repo,
		publish: mirror(p.tree, p.server),
		clone:   func(dir string) string { return over("--partial", "srv:"+p.server, dir) },
		resumes: true,
		deliver: mirror(p.tree, p.server),
		pull:    over("--delete", "srv:"+p.server, p.clone),
		record:  "true",
		push:    over("--delete", p.clone, "srv:"+p.server),
		fetch:   mirror(p.clone, p.tree),
	}
}

// mirror makes to equal to from, with the times, writing only what differs.
func mirror(from, to string) string {
	return fmt.Sprintf("mkdir -p %s && rsync -a --delete %s/ %s/", to, from, to)
}
