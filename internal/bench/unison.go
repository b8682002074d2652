package main

import "fmt"

// unison has no store. It remembers on both sides what it synchronised; without that a run is a first one.
// rsync stands in for the hands of the other users.
func unison(p place) tool {
	between := func(dir string) string {
		return fmt.Sprintf("unison -batch -auto -ui text -silent -times -confirmbigdel=false -sshargs '-F %s' %s ssh://srv/%s",
			p.config, dir, p.server)
	}
	return tool{
		name:    "unison",
		env:     []string{"UNISON=" + p.work + "/unison", "HOME=" + p.work},
		init:    fmt.Sprintf("mkdir -p %s/unison", p.work),
		publish: mirror(p.tree, p.server),
		clone:   func(dir string) string { return fmt.Sprintf("mkdir -p %s && %s", dir, between(dir)) },
		forget:  fmt.Sprintf("rm -rf %s/unison/* %s/../home/.unison", p.work, p.work),
		resumes: true,
		unlock:  fmt.Sprintf("rm -f %s/unison/lk* %s/../home/.unison/lk*", p.work, p.work),
		deliver: mirror(p.tree, p.server),
		pull:    between(p.clone),
		record:  "true",
		push:    between(p.clone),
		fetch:   mirror(p.clone, p.tree),
	}
}
