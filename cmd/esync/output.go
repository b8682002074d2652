package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
)

// output is where a verb writes. Every string, error or Stringer among the arguments of its methods goes through safe, so
// that no verb can forget it; only whole formats and values of type raw do not.
type output struct {
	mu    sync.Mutex // events and warnings come from many goroutines
	out   *bufio.Writer
	err   io.Writer
	live  bool // stdout is a terminal, or whoever reads it waits for each line
	json  bool
	quiet bool
	loud  bool // --verbose
	color bool
	// margin stands before every line on stdout, such as the lines of a graph.
	margin string
	clear  func() // takes the progress bar off the terminal before something else is written there
}

// raw is text that has been made safe already.
type raw string

// line writes one record for people to stdout.
func (o *output) line(format string, args ...any) {
	o.print(fmt.Sprintf(format, harmless(args)...) + "\n")
}

// object writes one record for programs to stdout.
func (o *output) object(value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	o.print(string(safeJSON(b.Bytes())))
	return nil
}

// hint writes advice to stderr. It is left out where nobody reads it.
func (o *output) hint(format string, args ...any) {
	if !o.quiet && !o.json {
		o.note("hint: "+format, args...)
	}
}

// warn writes to stderr what the user should know though the work was done.
func (o *output) warn(format string, args ...any) {
	if !o.quiet {
		o.note("warning: "+format, args...)
	}
}

// detail writes to stderr what only --verbose shows.
func (o *output) detail(format string, args ...any) {
	if o.loud {
		o.note(format, args...)
	}
}

// note writes one line to stderr.
func (o *output) note(format string, args ...any) {
	o.ask(fmt.Sprintf(format, harmless(args)...) + "\n")
}

// ask writes to stderr, behind all that was printed before.
func (o *output) ask(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tidy()
	_ = o.out.Flush() // an error stays with the writer until the end
	_, _ = io.WriteString(o.err, text)
}

// print writes text that is safe already to stdout.
func (o *output) print(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tidy()
	if o.margin != "" {
		text = withMargin(o.margin, text)
	}
	_, _ = o.out.WriteString(text)
	if o.live {
		_ = o.out.Flush()
	}
}

// withMargin puts a margin before every line of a text.
func withMargin(margin, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line == "\n" {
			b.WriteString(strings.TrimRight(margin, " "))
		} else {
			b.WriteString(margin)
		}
		b.WriteString(line)
	}
	return b.String()
}

func (o *output) tidy() {
	if o.clear != nil {
		o.clear()
	}
}

// flush writes what is held back, and tells whether all that was printed got to its place.
func (o *output) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.out.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func harmless(args []any) []any {
	clean := make([]any, len(args))
	for i, arg := range args {
		switch v := arg.(type) {
		case raw:
			clean[i] = string(v)
		case string:
			clean[i] = safe(v)
		case []string:
			words := make([]string, len(v))
			for j, word := range v {
				words[j] = safe(word)
			}
			clean[i] = strings.Join(words, ", ")
		case error:
			clean[i] = safe(v.Error())
		case fmt.Stringer:
			clean[i] = safe(v.String())
		default:
			clean[i] = arg
		}
	}
	return clean
}

// The colours that are used, by their meaning.
const (
	colorAdded   = "32"
	colorRemoved = "31"
	colorChanged = "33"
	colorID      = "33"
	colorName    = "36"
	colorHead    = "1"
)

// paint colours safe text on a terminal that wants it.
func (o *output) paint(color, text string) raw {
	text = safe(text)
	if !o.color || color == "" || text == "" {
		return raw(text)
	}
	return raw("\x1b[" + color + "m" + text + "\x1b[0m")
}
