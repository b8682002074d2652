// Command esync keeps the working papers of an engagement in equal copies on many machines, with their whole history.
//
// This package is the only code that prints, asks or ends the process. What is done, package repo does; packages
// transport/ssh, transport/lan, transport/sftp and transport/agent reach other machines, and are joined with it here.
//
// Reading order: main.go and env.go (what comes from outside), verb.go (what a verb is) and verbs.go (which there are),
// run.go (from arguments to an exit code), args.go (flags before or after arguments), output.go and safe.go (what a
// terminal gets to see), errors.go (what a failure is called, and its exit code). Then one file per verb; connect.go and
// link.go reach peers for all of them, and service.go, door.go and the files named serve are the other side.
//
// Promises: results go to stdout, one record a line, everything else to stderr; with --json every line of stdout is one
// JSON object; no text of a file name, a message or a peer reaches the terminal unescaped; nothing is asked when stdin is
// no terminal; exit codes are those of errors.go.
//
// Third-party code that lives here: urfave/cli reads flags into values, for it is what Go users know; its own parsing
// stops at the first argument, so args.go puts the line in order first, and its printing and exiting are switched off.
// schollz/progressbar draws progress because it copes with narrow terminals and throttles itself. dustin/go-humanize
// writes sizes and times as people do. mdp/qrterminal draws invitations for phones: it is small, and needs two characters'
// width less than others by its half blocks. x/term tells terminals from files, and x/sys what kind of disk a folder lies on.
package main
