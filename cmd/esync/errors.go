package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/repo"
	"github.com/esync/esync/transport"
	"github.com/esync/esync/transport/ssh"
	"github.com/esync/esync/worktree"
)

// The exit codes. Help lists them.
const (
	codeDone        = 0
	codeFailed      = 1
	codeUsage       = 2
	codeConflicts   = 3
	codeRefused     = 4
	codeDamaged     = 5
	codeInterrupted = 130
)

// usageError is a line that cannot be meant as it stands.
type usageError struct {
	text  string
	hints []string
}

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) *usageError {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

// hint adds what to type instead.
func (e *usageError) hint(text string) *usageError {
	e.hints = append(e.hints, text)
	return e
}

// damageError says that fsck found damage, which it has listed.
type damageError struct{ n int }

func (e *damageError) Error() string { return count(e.n, "damaged object") }

func (e *damageError) Unwrap() error { return objects.ErrCorrupt }

// nothing says in the words of a verb that there was nothing to do.
func nothing(err error, text string) error {
	if errors.Is(err, repo.ErrNothing) {
		return errors.New(text)
	}
	return err
}

// doing says what could not be done: cannot push "main": the reason.
func doing(what, subject string, err error) error {
	if subject == "" {
		return fmt.Errorf("cannot %s: %w", what, err)
	}
	return fmt.Errorf("cannot %s %q: %w", what, subject, err)
}

// failure is an error as the user sees it.
type failure struct {
	message string
	hints   []string // at most two are shown
	code    int
}

// explain turns any error into words and an exit code. It is the only place where that is decided.
func explain(ctx context.Context, err error) failure {
	f := failure{message: err.Error(), code: codeFailed}
	var usage *usageError
	var key *refusedKeyError
	if errors.As(err, &usage) {
		f.code, f.hints = codeUsage, usage.hints
		return f
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx))) {
		return failure{message: "interrupted", code: codeInterrupted, hints: []string{"nothing is lost; the same command goes on"}}
	}
	if errors.As(err, &key) {
		f.code, f.hints = codeRefused, key.hints()
		return f
	}
	var undecided *conflictsError
	if errors.As(err, &undecided) {
		f.code, f.hints = codeConflicts, undecided.hints()
		return f
	}
	for _, known := range explanations() {
		if errors.Is(err, known.err) {
			f.code, f.hints = known.code, known.hints
			break
		}
	}
	var unknown *repo.UnknownError
	if errors.As(err, &unknown) && f.hints == nil {
		f.hints = lister(unknown.What)
	}
	var gone *ssh.UnreachableError
	if errors.As(err, &gone) && gone.Hint() != "" {
		f.hints = append([]string{gone.Hint()}, f.hints...)
	}
	switch {
	case errors.Is(err, repo.ErrUsage): // the exit code says so
		f.message = strings.Replace(f.message, repo.ErrUsage.Error()+": ", "", 1)
	case errors.Is(err, transport.ErrRefused):
		f.message += ": you may read there, and not write"
	}
	return f
}

// lister says which verb lists the names of a kind.
func lister(what string) []string {
	verbs := map[string]string{
		"commit": "log --oneline", "line": "branch", "tag": "tag", "peer": "remote", "member": "members", "conflict at": "conflicts",
	}
	if verbs[what] == "" {
		return nil
	}
	return []string{fmt.Sprintf("%q lists what there is", "esync "+verbs[what])}
}

// explanation is what a sentinel means to the user.
type explanation struct {
	err   error
	code  int
	hints []string
}

// explanations go from the particular to the general: the first that fits counts.
func explanations() []explanation {
	return []explanation{
		{repo.ErrUnreachable, codeFailed, []string{`"esync peers" shows who is in reach, "esync doctor" what stands in the way`}},
		{ssh.ErrUnreachable, codeFailed, []string{"check the address and that the other side serves"}},
		{repo.ErrNoRepository, codeFailed, []string{`make one with "esync init", or a copy of one with "esync clone SOURCE"`}},
		{repo.ErrUsage, codeUsage, nil},
		{merge.ErrNoPlace, codeFailed, []string{`"esync conflicts" lists the places`}},
		{merge.ErrNotSettled, codeFailed, []string{"decide otherwise, or take one version whole: --ours, --theirs, --both or --with FILE"}},
		{repo.ErrConflicts, codeConflicts, []string{decideHint}},
		{repo.ErrNotFastForward, codeFailed, []string{`run "esync pull" first, or "esync sync" for both`}},
		{repo.ErrIncoming, codeFailed, []string{`run "esync sync" first`}},
		{repo.ErrUnrelated, codeFailed, []string{"the two folders are copies of different engagements; check the address"}},
		{repo.ErrLocalChanges, codeFailed, []string{`record them first (esync commit -m TEXT), or take them back (esync restore PATH)`}},
		{repo.ErrNoParent, codeFailed, []string{`name a peer ("esync pull SOURCE"), or set the parent ("esync parent SOURCE")`}},
		{repo.ErrUnmerged, codeFailed, []string{"merge it first, or delete it all the same with -D"}},
		{repo.ErrBusy, codeFailed, []string{"wait for it to end, then try again"}},
		{repo.ErrBare, codeFailed, []string{`use a copy with files: "esync clone" this one`}},
		{repo.ErrFormat, codeFailed, []string{"use the esync that made it, or a newer one"}},
		{repo.ErrInvitation, codeRefused, []string{"ask for a new one: each is good once"}},
		{repo.ErrNoKey, codeFailed, []string{`"esync doctor" tells what is wrong with your key`}},
		{repo.ErrForeign, codeFailed, []string{"work as the user whom it belongs to, or clone it from a machine that serves it",
			`if it is yours, make it so: chown -R "$USER" .esync in that folder`}},
		{worktree.ErrRefused, codeFailed, []string{"rename what is named above, then try again; nothing was recorded"}},
		{refs.ErrStale, codeFailed, []string{"something else changed it meanwhile; look with \"esync status\" and try again"}},
		{refs.ErrCorrupt, codeDamaged, []string{damagedHint}},
		{refs.ErrBadName, codeUsage, nil},
		{transport.ErrForged, codeRefused, []string{"nothing of it was taken over; tell the office which commit it was, and from whom it came"}},
		{transport.ErrNotMember, codeRefused, []string{`ask the office for an invitation ("esync invite" there); your commits are safe here`}},
		{roster.ErrForged, codeRefused, []string{"tell the office: somebody made what he may not"}},
		{roster.ErrFork, codeRefused, []string{"ask the office which settings are right: a copy with the wrong ones must be cloned anew"}},
		{roster.ErrNotAdmin, codeRefused, []string{`"esync members" shows who is: ask one of them`}},
		{roster.ErrExpired, codeRefused, []string{"ask for a new one"}},
		{roster.ErrNewer, codeFailed, []string{"install the newest esync here"}},
		{roster.ErrKey, codeUsage, []string{`members have keys of the type ssh-ed25519; "esync key" shows one's own`}},
		{roster.ErrMalformed, codeUsage, nil},
		{ssh.ErrAuth, codeRefused, nil},
		{ssh.ErrRefused, codeRefused, nil},
		{transport.ErrRefused, codeRefused, []string{"ask the owner of the other copy for more access; your commits are safe here"}},
		{transport.ErrUnknownEngagement, codeFailed, []string{"check the name, and that the owner serves it to you"}},
		{transport.ErrUnrelated, codeFailed, []string{"the two folders are copies of different engagements; check the address"}},
		{transport.ErrUnsupported, codeFailed, []string{"install the newest esync on the other machine"}},
		{transport.ErrVersion, codeFailed, []string{"install the same version of esync on both machines"}},
		{transport.ErrBusy, codeFailed, []string{"try again in a moment"}},
		{transport.ErrBundle, codeDamaged, []string{"have it written anew, and nothing of this one is taken over"}},
		{transport.ErrBadData, codeDamaged, []string{"the other copy should be checked there with \"esync fsck\"; nothing of it was taken over"}},
		{transport.ErrDamaged, codeDamaged, []string{"the other copy should be checked there with \"esync fsck\"; yours is as it was"}},
		{transport.ErrNoRoom, codeFailed, []string{"make room on the other machine, then try again; what arrived is kept there"}},
		{ssh.ErrHostKeyChanged, codeFailed, []string{
			"do not go on before the owner of that machine has confirmed its new key by telephone",
			"then remove the old line from known_hosts and connect again"}},
		{ssh.ErrHostKeyUnknown, codeFailed, []string{
			"compare the fingerprint with the one \"esync serve\" shows there, then connect once at a terminal and say yes",
			"or add the host's public key to ~/.ssh/known_hosts"}},
		{ssh.ErrBusy, codeFailed, []string{"try again in a moment"}},
		{ssh.ErrLost, codeFailed, []string{"what arrived is kept; the same command goes on where it stopped"}},
		{ssh.ErrRemote, codeFailed, []string{"esync must be installed there, and found by \"ssh HOST esync version\""}},
		{ssh.ErrTarget, codeUsage, nil},
		{objects.ErrCorrupt, codeDamaged, []string{damagedHint}},
		{objects.ErrNotFound, codeDamaged, []string{damagedHint}}, // what a user named wrongly is repo.ErrUnknown
		{objects.ErrBadName, codeFailed, nil},
		{fs.ErrPermission, codeFailed, []string{"your user may not do this to the file or folder"}},
	}
}

const damagedHint = `run "esync fsck" to see what is damaged; every other copy of the engagement is also its backup`
