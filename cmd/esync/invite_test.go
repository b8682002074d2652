package main

import (
	"crypto/rand"
	"strings"
	"testing"
)

// On a terminal there is a picture beside the invitation, for a phone; elsewhere the line alone, whoever reads it.
func TestInvitationOnTerminal(t *testing.T) {
	t.Parallel()
	env, out, said := testEnvironment(t)
	env.random = rand.Reader
	if code := run(t.Context(), env, []string{"init", "eng1"}); code != codeDone {
		t.Fatal(said)
	}
	invite := func(words ...string) (string, string) {
		out.Reset()
		said.Reset()
		if code := run(t.Context(), env, append([]string{"-C", "eng1", "invite"}, words...)); code != codeDone {
			t.Fatal(said)
		}
		return out.String(), said.String()
	}
	plain, hints := invite()
	if !strings.HasPrefix(plain, "esync1:") || strings.Count(plain, "\n") != 1 || strings.ContainsAny(hints, "█▀▄") {
		t.Errorf("not on a terminal: %q %q", plain, hints)
	}
	env.inTerminal, env.outTerminal, env.errTerminal = true, true, true
	line, shown := invite()
	if !strings.HasPrefix(line, "esync1:") || strings.Count(line, "\n") != 1 || strings.Count(shown, "█") < 100 {
		t.Errorf("on a terminal: %q %q", line, shown)
	}
	for _, words := range [][]string{{"--quiet"}, {"--json"}} {
		if _, shown := invite(words...); strings.ContainsAny(shown, "█▀▄") {
			t.Errorf("%s: %q", words, shown)
		}
	}
	widest := 0
	for row := range strings.Lines(qrCode(strings.TrimSpace(line))) {
		widest = max(widest, len([]rune(strings.TrimSuffix(row, "\n"))))
	}
	if widest > 80 {
		t.Errorf("the picture is %d characters wide, and terminals have 80", widest)
	}
}
