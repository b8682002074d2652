package main

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestArrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, want string
	}{
		{"status", "esync status --"},
		{"commit -m text a.txt", "esync commit --message=text -- a.txt"},
		{"commit a.txt -m text", "esync commit --message=text -- a.txt"},
		{"commit a.txt -mtext b.txt", "esync commit --message=text -- a.txt b.txt"},
		{"commit -m=text", "esync commit --message=text --"},
		{"commit -am text", "esync commit --all=true --message=text --"},
		{"commit -m -x", "esync commit --message=-x --"},
		{"commit --message=--json", "esync commit --message=--json --"},
		{"commit -m a=b", "esync commit --message=a=b --"},
		{"--json log -n 10", "esync --json=true log --limit=10 --"},
		{"log -10 --json", "esync --json=true log --limit=10 --"},
		{"log -n10 a", "esync log --limit=10 -- a"},
		{"log a --oneline -q", "esync --quiet=true log --oneline=true -- a"},
		{"-C dir log", "esync --C=dir log --"},
		{"log -C dir", "esync --C=dir log --"},
		{"log -- --json", "esync log -- --json"},
		{"commit -m x -- -a -m", "esync commit --message=x -- -a -m"},
		{"cat -", "esync cat -- -"},
		{"log --graph=false", "esync log --graph=false --"},
	} {
		l, err := arrange(verbs(), strings.Fields(c.typed))
		if err != nil {
			t.Errorf("%q: %v", c.typed, err)
			continue
		}
		if got := strings.Join(l.words(), " "); got != c.want {
			t.Errorf("%q became %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestArrangeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, message, hint string
	}{
		{"comit -m x", `unknown verb "comit"`, `did you mean "esync commit"?`},
		{"checkout main", `unknown verb "checkout"`, `did you mean "esync switch"?`},
		{"zzzzzz", `unknown verb "zzzzzz"`, `run "esync help" for the list of verbs`},
		{"commit --mesage x", `unknown flag "--mesage"`, "did you mean --message?"},
		{"status --m", `unknown flag "--m"`, `run "esync help status" for its flags`},
		{"log -qz", `unknown flag "-z" in "-qz"`, `run "esync help log" for its flags`},
		{"-m x commit", `unknown flag "-m"`, "flags of a verb stand after it: esync commit -m"},
		{"commit -m", "flag -m needs a value", ""},
		{"log --oneline=maybe", "flag --oneline takes no value, or true or false", ""},
		{"status -10", `unknown flag "-1" in "-10"`, ""},
	} {
		_, err := arrange(verbs(), strings.Fields(c.typed))
		var usage *usageError
		if !errors.As(err, &usage) {
			t.Errorf("%q: %v is no wrong usage", c.typed, err)
			continue
		}
		if usage.text != c.message {
			t.Errorf("%q: message %q, want %q", c.typed, usage.text, c.message)
		}
		if c.hint != "" && (len(usage.hints) == 0 || usage.hints[0] != c.hint) {
			t.Errorf("%q: hints %q, want %q first", c.typed, usage.hints, c.hint)
		}
	}
}

// Flags may stand at any place between the arguments without changing what is meant.
func FuzzArrange(f *testing.F) {
	f.Add("text", "a.txt", "b.txt", uint8(1))
	f.Add("-x", "--", "b", uint8(0))
	f.Fuzz(func(t *testing.T, message, one, two string, place uint8) {
		args := []string{"commit", one, two}
		if strings.HasPrefix(one, "-") || strings.HasPrefix(two, "-") {
			return
		}
		at := 1 + int(place)%3
		moved := append(append(append([]string{}, args[:at]...), "-m", message, "--json"), args[at:]...)
		l, err := arrange(verbs(), moved)
		if err != nil {
			t.Fatal(err)
		}
		want := line{verb: "commit", global: []string{"--json=true"}, flags: []string{"--message=" + message}, args: []string{one, two}}
		if !reflect.DeepEqual(l, want) {
			t.Fatalf("%q became %+v", moved, l)
		}
	})
}

// A flag of a verb must not mean something else than the flag of every verb that has its name, and no verb repeats one.
func TestFlagsAreDistinct(t *testing.T) {
	t.Parallel()
	for _, v := range verbs() {
		seen := map[string]bool{}
		for _, f := range append(globalFlags(), v.flags...) {
			for _, name := range f.Names() {
				if seen[name] {
					t.Errorf("%s: flag %s stands twice", v.name, dashed(name))
				}
				seen[name] = true
			}
		}
		if v.short == "" || v.group == "" || v.run == nil {
			t.Errorf("%s lacks its line of help, its group or what it does", v.name)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"status", "status", 0}, {"statsu", "status", 1}, {"comit", "commit", 1}, {"psuh", "pull", 3}, {"abc", "xyz", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
