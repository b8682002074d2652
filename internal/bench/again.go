package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
)

// table prints the tables of samples that earlier runs kept with -raw. The repeats of different files are different ones.
func table(args []string) error {
	flags := flag.NewFlagSet("table", flag.ContinueOnError)
	figures := flags.String("figures", ".", "only figures that this expression matches")
	rows := flags.String("only", ".", "only rows that this expression matches")
	lines := flags.String("links", ".", "only lines (lan, 100ms, local) that this expression matches")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*figures)
	rowWanted, rowErr := regexp.Compile(*rows)
	lineWanted, lineErr := regexp.Compile(*lines)
	if err := errors.Join(err, rowErr, lineErr); err != nil {
		return err
	}
	all, err := readAll(flags.Args())
	if err != nil {
		return err
	}
	var samples []sample
	for _, s := range all {
		if rowWanted.MatchString(s.Row) && lineWanted.MatchString(s.Line) {
			samples = append(samples, s)
		}
	}
	fmt.Print(tabulate(samples, wanted.MatchString))
	return nil
}

// readAll reads the samples of several files and tells their repeats apart.
func readAll(paths []string) ([]sample, error) {
	var all []sample
	repeats := 0
	for _, path := range paths {
		part, err := readSamples(path)
		if err != nil {
			return nil, err
		}
		next := repeats
		for _, s := range part {
			s.Repeat += repeats
			next = max(next, s.Repeat+1)
			all = append(all, s)
		}
		repeats = next
	}
	return all, nil
}

// readSamples reads what -raw wrote.
func readSamples(path string) ([]sample, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var samples []sample
	for in := json.NewDecoder(f); ; {
		var s sample
		if err := in.Decode(&s); errors.Is(err, io.EOF) {
			return samples, nil
		} else if err != nil {
			return nil, fmt.Errorf("read %q: %w", path, err)
		}
		samples = append(samples, s)
	}
}
