package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// line is a command line put in order.
type line struct {
	global []string // flags of any verb, each in one word: --name=value
	verb   string
	flags  []string // flags of the verb, likewise
	args   []string
	help   bool
	about  bool // --version
}

// words is the line as the library wants it, which reads no flag after an argument.
func (l line) words() []string {
	words := append([]string{"esync"}, l.global...)
	words = append(words, l.verb)
	words = append(words, l.flags...)
	return append(append(words, "--"), l.args...)
}

// option is a flag as far as the order of a line is concerned.
type option struct {
	name   string // the chief one
	value  bool   // it takes one
	global bool
}

// options maps every name of flags, one-letter ones too.
type options map[string]option

func (o options) add(flags []cli.Flag, global bool) {
	for _, f := range flags {
		takes := true
		if d, ok := f.(cli.DocGenerationFlag); ok {
			takes = d.TakesValue()
		}
		for _, name := range f.Names() {
			o[name] = option{f.Names()[0], takes, global}
		}
	}
}

// arrange reads a command line by the flags of its verb, wherever they stand: before the verb, after it, between and after
// the arguments. What follows "--" is arguments. Short flags may be joined (-qm TEXT), and so may a flag and its value
// (-mTEXT, -m=TEXT, --message=TEXT); a number alone (-10) is the value of -n.
func arrange(all []verb, args []string) (line, error) {
	var l line
	known := options{}
	known.add(globalFlags(), true)
	var early []string // flags before the verb that only it can explain
	for i := 0; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--" && l.verb == "":
			return l, usagef("no verb before --")
		case word == "--":
			l.args = append(l.args, args[i+1:]...)
			i = len(args)
		case len(word) > 1 && word[0] == '-':
			used, err := l.flag(known, args[i:])
			if err != nil {
				if l.verb == "" {
					early = append(early, word)
				}
				return l, explainFlag(err, all, l.verb, early, args[i:])
			}
			i += used - 1
		case l.verb == "":
			v, ok := find(all, word)
			if !ok {
				return l, unknownVerb(all, word)
			}
			l.verb = word
			known.add(v.flags, false)
		default:
			l.args = append(l.args, word)
		}
	}
	return l, nil
}

// flag reads the flag at the head of args and says how many words it took.
func (l *line) flag(known options, args []string) (int, error) {
	word := args[0]
	if name, isLong := strings.CutPrefix(word, "--"); isLong {
		name, value, given := strings.Cut(name, "=")
		o, ok := known[name]
		if !ok || len(name) == 1 {
			return 0, &flagError{word: "--" + name}
		}
		return l.put(o, "--"+name, value, given, args)
	}
	if o, ok := known["n"]; ok && o.value && digits(word[1:]) {
		return l.put(o, "-n", word[1:], true, args)
	}
	for letters := word[1:]; ; {
		name, rest := letters[:1], letters[1:]
		o, ok := known[name]
		if !ok {
			return 0, &flagError{word: "-" + name, in: word}
		}
		if o.value || strings.HasPrefix(rest, "=") {
			value, cut := strings.CutPrefix(rest, "=")
			return l.put(o, "-"+name, value, cut || rest != "", args)
		}
		if n, err := l.put(o, "-"+name, "", false, args); err != nil || rest == "" {
			return n, err
		}
		letters = rest
	}
}

// put notes one flag, whose value is given in the same word or is the next one.
func (l *line) put(o option, typed, value string, given bool, args []string) (int, error) {
	used := 1
	switch {
	case o.value && !given && len(args) < 2:
		return 0, usagef("flag %s needs a value", typed)
	case o.value && !given:
		value, used = args[1], 2
	case !o.value && given && value != "true" && value != "false":
		return 0, usagef("flag %s takes no value, or true or false", typed)
	case !o.value && !given:
		value = "true"
	}
	switch {
	case o.global && o.name == "help":
		l.help = value == "true"
	case o.global && o.name == "version":
		l.about = value == "true"
	case o.global:
		l.global = append(l.global, "--"+o.name+"="+value)
	default:
		l.flags = append(l.flags, "--"+o.name+"="+value)
	}
	return used, nil
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// flagError is a flag nobody knows.
type flagError struct{ word, in string }

func (e *flagError) Error() string {
	if e.in != "" && e.in != e.word {
		return fmt.Sprintf("unknown flag %q in %q", e.word, e.in)
	}
	return fmt.Sprintf("unknown flag %q", e.word)
}
