package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// place is where one tool works. None of the paths needs quoting in a shell; see checkPath.
type place struct {
	work   string // folder of its own
	tree   string // files of the first user
	repo   string // his store, where it is not in the tree
	server string // what the server publishes
	clone  string // copy of the second user
	config string // SSH configuration that knows the host "srv", and "peer" where the tool itself serves
	esync  string // the program to measure
	listen string // address for servers
}

func (p place) ssh() string { return "ssh -F " + p.config }

// tool holds the commands of one tool in one place, each for sh. An empty command says that the tool cannot do it.
type tool struct {
	name string
	env  []string

	init   string // makes an empty store for the tree; not measured
	commit string // records the state of the tree, for the first time and later
	status string // tells what is not recorded
	store  string // folder that grows
	tidy   string // makes the store smaller
	aside  string // makes another line and goes to it; not measured
	home   string // goes back; not measured
	merge  string // joins the other line

	publish string                  // puts the state of the tree on the server; not measured
	serve   string                  // serves it, and prints "listening ADDRESS ..."; "" is sshd
	clone   func(dir string) string // server -> a new folder
	forget  string                  // removes what the tool remembers of the clone elsewhere; not measured
	resumes bool                    // clone, run again, goes on in the same folder
	unlock  string                  // lets it, after it was killed; not measured
	deliver string                  // brings a change of the tree to the server; not measured
	pull    string                  // server -> clone
	record  string                  // records a change of the clone; not measured
	push    string                  // clone -> server
	fetch   string                  // server -> tree, after a push; not measured

	remoteOnly bool   // its local rows are another tool's
	end        string // ends what its commands left running; not measured
}

// maker makes a tool for a place; program is what must be installed, version what prints its version.
type maker struct {
	name, program, version string
	make                   func(place) tool
}

func makers() []maker {
	return []maker{
		{"esync", "", "esync --version", esync},
		{"esync-warm", "", "esync --version", esyncWarm},
		{"esync-serve", "", "esync --version", esyncServe},
		{"esync-serve-warm", "", "esync --version", esyncServeWarm},
		{"git", "git", "git --version", git},
		{"rsync", "rsync", "rsync --version", rsync},
		{"borg", "borg", "borg --version", borg},
		{"restic", "restic", "restic version", restic},
		{"unison", "unison", "unison -version", unison},
	}
}

// choose returns the wanted tools that are installed, in the order of makers, and says which are not.
func choose(wanted []string, esyncPath string) (found []maker, missing []string, err error) {
	all := makers()
	for _, name := range wanted {
		if !slices.ContainsFunc(all, func(m maker) bool { return m.name == name }) {
			return nil, nil, fmt.Errorf("unknown tool %q", name)
		}
	}
	for _, m := range all {
		if !slices.Contains(wanted, m.name) {
			continue
		}
		program := m.program
		if program == "" {
			program = esyncPath
			m.version = strings.Replace(m.version, "esync", esyncPath, 1)
		}
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, m.name)
			continue
		}
		found = append(found, m)
	}
	return found, missing, nil
}

// checkPath refuses what a shell would take apart.
func checkPath(path string) error {
	if strings.ContainsAny(path, " \t\n'\"\\$`&;|<>()*?[]#~!") {
		return fmt.Errorf("path %q has characters that a shell takes apart", path)
	}
	return nil
}
