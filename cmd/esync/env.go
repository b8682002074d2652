package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/term"
)

// environment is all that the program takes from the world besides files and the network.
type environment struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	dir    string // the working folder
	getenv func(string) string
	now    func() time.Time
	random io.Reader
	device string // the machine's name
	home   string // the user's folder, "" when there is none

	inTerminal, outTerminal, errTerminal bool
}

func processEnvironment() environment {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	home, _ := os.UserHomeDir()
	device, err := os.Hostname()
	if err != nil {
		device = "unknown"
	}
	return environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		dir: dir, getenv: os.Getenv, now: time.Now, random: rand.Reader, device: device, home: home,
		inTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
}

// clock is the time of what this process records: the one of ESYNC_DATE, when it is set.
func (e environment) clock() (func() time.Time, error) {
	text := e.getenv("ESYNC_DATE")
	if text == "" {
		return e.now, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if seconds, bad := strconv.ParseInt(text, 10, 64); bad == nil {
		at, err = time.Unix(seconds, 0).UTC(), nil
	}
	if err != nil {
		return nil, usagef("ESYNC_DATE %q is neither seconds since 1970 nor a time like 2026-11-22T10:00:00Z", text)
	}
	return func() time.Time { return at }, nil
}

// settingsFolder is where the user's keys, known engagements and hosts are kept: ESYNC_HOME.
func (e environment) settingsFolder() (string, error) {
	if text := e.getenv("ESYNC_HOME"); text != "" {
		return e.path(text), nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder of the user's settings: %w; set ESYNC_HOME", err)
	}
	return filepath.Join(dir, "esync"), nil
}

// path makes what a user typed independent of the working folder.
func (e environment) path(text string) string {
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	return filepath.Join(e.dir, text)
}
