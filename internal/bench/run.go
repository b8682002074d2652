package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/esync/esync/internal/corpus"
)

// options are the flags of run.
type options struct {
	esync, tools, sizes, clones string
	only, work, corpus          string
	write, raw                  string
	n, commits                  int
	rtt                         time.Duration
	local                       bool
	links                       []line
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.StringVar(&o.esync, "esync", "build/esync", "the esync to measure")
	flags.StringVar(&o.tools, "tools", "esync,esync-serve,git,rsync,borg,restic,unison", "tools, those that are installed")
	flags.StringVar(&o.sizes, "sizes", "XS", "presets")
	flags.StringVar(&o.clones, "clones", "", "also that many clones at once: 8,32")
	flags.StringVar(&o.only, "only", ".", "run only the rows that this expression matches, and those that they need")
	flags.StringVar(&o.work, "work", "", "scratch folder; default: a new one in the system's, removed afterwards")
	flags.StringVar(&o.corpus, "corpus", "", "folder with one generated engagement for each preset, made when missing; default: in the scratch folder")
	flags.StringVar(&o.write, "write", "", "also write the tables into this document")
	flags.StringVar(&o.raw, "raw", "", "also append every sample to this file, a JSON object a line")
	flags.BoolVar(&o.local, "local", false, "leave out the rows that need a server")
	flags.IntVar(&o.n, "n", 3, "repeats")
	flags.IntVar(&o.commits, "commits", 0, "also a history of that many commits, on XS, once")
	flags.DurationVar(&o.rtt, "rtt", 0, "also the server rows with this round trip")
	flags.Func("link", "the server rows over a line with real TCP between two machines of the kernel's: lan, or any of a round trip, a rate and a loss: 100ms,10mbit,1%; "+
		"may be given several times, round trips are counted from a lan before them (Linux, root)", func(text string) error {
		s, err := parseShape(text)
		o.links = append(o.links, line{name: text, shape: &s, cut: true})
		return err
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}

func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.esync, err = filepath.Abs(o.esync); err != nil {
		return err
	}
	tools, missing, err := choose(strings.Split(o.tools, ","), o.esync)
	if err != nil {
		return err
	}
	if len(tools) == 0 {
		return errors.New("none of the tools is installed")
	}
	if o.work == "" {
		if o.work, err = os.MkdirTemp("", "esync-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.work)) }()
	}
	if o.work, err = filepath.Abs(o.work); err != nil {
		return err
	}
	if o.corpus == "" {
		o.corpus = filepath.Join(o.work, "corpus")
	}
	if err := errors.Join(checkPath(o.work), checkPath(o.esync)); err != nil {
		return err
	}
	var on *network
	if len(o.links) > 0 {
		if on, err = openNetwork(os.Stderr); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, on.Close()) }()
	}
	l, err := openLab(ctx, filepath.Join(o.work, "lab"), o.esync, on)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close(), os.RemoveAll(l.dir)) }()
	samples, err := collect(ctx, o, l, tools)
	if err != nil {
		return err
	}
	tables := tabulate(samples, func(string) bool { return true })
	fmt.Print(tables)
	if o.write != "" {
		return writeReport(ctx, o, tools, missing, tables)
	}
	return ctx.Err()
}

// collect runs everything that was asked for and returns the samples in the order in which they were taken.
func collect(ctx context.Context, o options, l *lab, tools []maker) ([]sample, error) {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return nil, err
	}
	clones, err := numbers(o.clones)
	if err != nil {
		return nil, err
	}
	var raw *json.Encoder
	if o.raw != "" {
		f, err := os.OpenFile(o.raw, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		raw = json.NewEncoder(f)
	}
	var samples []sample
	var failed error
	keep := func(s sample) {
		if ctx.Err() != nil {
			return // it was cut short
		}
		samples = append(samples, s)
		if raw != nil {
			failed = errors.Join(failed, raw.Encode(s))
		}
	}
	for _, size := range strings.Split(o.sizes, ",") {
		for repeat := range o.n {
			r, err := newRunner(o, l, size, repeat)
			if err != nil {
				return nil, err
			}
			r.keep, r.wanted = keep, only.MatchString
			r.once(ctx, o, tools, clones)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	if o.commits > 0 {
		r, err := newRunner(o, l, "XS", 0)
		if err != nil {
			return nil, err
		}
		r.keep, r.wanted = keep, only.MatchString
		for _, m := range tools {
			c := r.prepare(ctx, m)
			if c.broken == nil && !c.tool.remoteOnly && c.tool.store != "" {
				r.history(ctx, c, o.commits)
			}
			failed = errors.Join(failed, c.close(ctx))
		}
	}
	return samples, errors.Join(failed, ctx.Err())
}

// newRunner makes the engagement when it is not there yet.
func newRunner(o options, l *lab, size string, repeat int) (*runner, error) {
	preset, err := corpus.ParsePreset(size)
	if err != nil {
		return nil, err
	}
	source := filepath.Join(o.corpus, size)
	if _, err := os.Stat(source); errors.Is(err, os.ErrNotExist) {
		// under another name until it is whole: a folder that is there is taken for complete
		part := source + ".part"
		if err := errors.Join(os.RemoveAll(part), corpus.Generate(part, preset, 1), os.Rename(part, source)); err != nil {
			return nil, err
		}
	}
	return &runner{lab: l, plain: map[[2]string]time.Duration{}, preset: preset, source: source, log: os.Stderr, repeat: repeat, seed: uint64(1000 * (repeat + 1))}, nil
}

// once runs all rows of one size once.
func (r *runner) once(ctx context.Context, o options, tools []maker, clones []int) {
	var contenders []*contender
	for _, m := range tools {
		contenders = append(contenders, r.prepare(ctx, m))
	}
	r.local(ctx, contenders)
	if len(o.links) > 0 {
		r.publish(ctx, contenders)
		for _, on := range o.links {
			on.clones = clones
			r.lab.net.reshape(*on.shape)
			r.remote(ctx, contenders, on)
		}
	} else if !o.local {
		r.publish(ctx, contenders)
		r.remote(ctx, contenders, line{name: "loopback", clones: clones, cut: true})
		if o.rtt > 0 {
			r.remote(ctx, contenders, line{name: o.rtt.String(), delay: o.rtt})
		}
	}
	for _, c := range contenders {
		if err := c.close(ctx); err != nil {
			fmt.Fprintln(r.log, "  !", err)
		}
	}
}

func numbers(list string) ([]int, error) {
	var out []int
	for _, field := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a number of clones", field)
		}
		out = append(out, n)
	}
	return out, nil
}
