package main

import "fmt"

// engagementName is what the engagement is called in every run.
const engagementName = "bench"

// esync through a stock sshd, which starts esync serve --stdio.
func esync(p place) tool {
	base := p.esync + " --ssh-config " + p.config
	in := func(dir, args string) string { return fmt.Sprintf("cd %s && %s %s", dir, base, args) }
	return tool{
		name:    "esync",
		env:     []string{"ESYNC_HOME=" + p.work + "/esync-home", "ESYNC_AUTHOR=b <b@x>", "HOME=" + p.work, "ESYNC_LAN=off", "ESYNC_AGENT=off"},
		init:    in(p.tree, "init --name "+engagementName),
		commit:  in(p.tree, "commit -m x"),
		status:  in(p.tree, "status"),
		store:   p.tree + "/.esync",
		tidy:    in(p.tree, "gc"),
		aside:   in(p.tree, "switch -c aside"),
		home:    in(p.tree, "switch main"),
		merge:   in(p.tree, "merge aside"),
		publish: fmt.Sprintf("%s clone --bare %s %s", base, p.tree, p.server),
		clone:   func(dir string) string { return fmt.Sprintf("%s clone ssh://srv%s %s", base, p.server, dir) },
		resumes: true,
		deliver: in(p.tree, "commit -m x") + fmt.Sprintf(" && %s push %s", base, p.server),
		pull:    in(p.clone, "pull"),
		record:  in(p.clone, "commit -m x"),
		push:    in(p.clone, "push"),
		fetch:   in(p.tree, "pull "+p.server),
	}
}

// esyncServe is esync with its own server in place of sshd. The second user is the first one, a member who may do everything.
func esyncServe(p place) tool {
	t := esync(p)
	t.name = "esync-serve"
	t.remoteOnly = true
	t.serve = fmt.Sprintf("exec %s serve --listen %s:0 %s", p.esync, p.listen, p.server)
	t.clone = func(dir string) string {
		return fmt.Sprintf("%s --ssh-config %s clone ssh://peer/%s %s", p.esync, p.config, engagementName, dir)
	}
	return t
}

// warm is esync at a terminal: its agent keeps the connection from one command to the next.
func warm(p place, cold func(place) tool) tool {
	t := cold(p)
	t.name += "-warm"
	t.remoteOnly = true
	for i, v := range t.env {
		if v == "ESYNC_AGENT=off" {
			t.env[i] = "ESYNC_AGENT=on"
		}
	}
	t.end = p.esync + " agent --stop"
	return t
}

func esyncWarm(p place) tool      { return warm(p, esync) }
func esyncServeWarm(p place) tool { return warm(p, esyncServe) }
