package repo

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/esync/esync/refs/roster"
)

func arrived1(t *testing.T, r *Repo) *Arrival {
	t.Helper()
	s, err := r.Status(context.Background(), StatusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Arrived
}

// TestReceipts: what the office has is known in the field, also to those who
// did not carry it there.
func TestReceipts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	if got := arrived1(t, x.a); got == nil || !got.All || got.Head != tip(x.top) || got.Line != "main" {
		t.Fatalf("after the clone: %+v", got)
	}
	if s, err := x.top.Status(ctx, StatusOptions{}); err != nil || !s.Top || s.Arrived != nil {
		t.Errorf("the office: %+v, %v", s, err)
	}
	write(t, x.a, "a.txt", "1")
	commit(t, x.a, "one")
	write(t, x.a, "a.txt", "2")
	commit(t, x.a, "two")
	if got := arrived1(t, x.a); got.All || got.Missing != 2 {
		t.Errorf("after two commits: %+v", got)
	}
	// In the field: ann and ben exchange work, and the office has none of it.
	if err := x.b.AddRemote(ctx, "ann", x.a.Root()); err != nil {
		t.Fatal(err)
	}
	if _, err := x.b.Pull(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	if got := arrived1(t, x.b); got.All || got.Missing != 2 {
		t.Errorf("ben: %+v", got)
	}
	// Ben reaches the office first and carries all of it up.
	if _, err := x.b.Push(ctx, ""); err != nil {
		t.Fatal(err)
	}
	up := arrived1(t, x.b)
	if !up.All || up.Head != tip(x.b) {
		t.Errorf("ben, after the push: %+v", up)
	}
	// Ann hears of it from Ben, without the office.
	if err := x.a.AddRemote(ctx, "ben", x.b.Root()); err != nil {
		t.Fatal(err)
	}
	if _, err := x.a.Pull(ctx, "ben"); err != nil {
		t.Fatal(err)
	}
	if got := arrived1(t, x.a); !got.All || got.Missing != 0 || !got.Time.Equal(up.Time) {
		t.Errorf("ann, after a pull from ben: %+v, he has %+v", got, up)
	}
}

// TestReceiptsOfOthers: only an admin's word counts, of this engagement, and
// only when it is newer.
func TestReceiptsOfOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	before := arrived1(t, x.a)
	write(t, x.a, "a.txt", "1")
	commit(t, x.a, "one")
	word := func(change func(*roster.Receipt), by *user) []byte {
		w := roster.Receipt{Engagement: x.a.ID(), Line: "main", Head: tip(x.a), Time: before.Time.Add(time.Hour)}
		change(&w)
		b, err := w.Encode(by.env.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"of no admin":          word(func(*roster.Receipt) {}, x.ben),
		"of a stranger":        word(func(*roster.Receipt) {}, newUser(t, "eve")),
		"of another":           word(func(r *roster.Receipt) { r.Engagement[0]++ }, x.office),
		"that is older":        word(func(r *roster.Receipt) { r.Time = before.Time.Add(-time.Hour) }, x.office),
		"of the far future":    word(func(r *roster.Receipt) { r.Time = r.Time.Add(100 * time.Hour) }, x.office),
		"of what is not here":  word(func(r *roster.Receipt) { r.Head[0]++ }, x.office),
		"that is damaged":      word(func(*roster.Receipt) {}, x.office)[1:],
		"that is none at all":  []byte("hello"),
		"that is far too long": make([]byte, 1<<20),
	} {
		x.a.takeReceipt(b)
		if got := arrived1(t, x.a); *got != (Arrival{before.Line, before.Head, before.Time, false, 1}) {
			t.Errorf("a receipt %s was taken: %+v", name, got)
		}
	}
	x.a.takeReceipt(word(func(*roster.Receipt) {}, x.office))
	if got := arrived1(t, x.a); !got.All {
		t.Errorf("a good one was not taken: %+v", got)
	}
	if _, err := x.a.Pull(ctx, ""); err != nil {
		t.Fatal(err)
	}
}

// TestFourLevels: work goes from the lowest copy to the top and down another
// branch, whoever carries it, and nothing is sent twice.
func TestFourLevels(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	x := newTeam(t)
	top := x.top
	// Two branches of three levels below the office.
	left, right := x.branch("left", 3), x.branch("right", 3)
	write(t, left[2], "left.txt", "from the lowest\n")
	commit(t, left[2], "left")
	write(t, right[2], "right.txt", "from the other lowest\n")
	commit(t, right[2], "right")
	sync := func(r *Repo) *SyncResult {
		t.Helper()
		res, err := r.Sync(ctx, "", SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for i := 2; i >= 0; i-- { // up
		sync(left[i])
	}
	for i := 2; i >= 0; i-- {
		sync(right[i])
	}
	for i := range 3 { // and down
		sync(right[i])
		sync(left[i])
	}
	all := append(append([]*Repo{top}, left...), right...)
	for _, r := range all {
		if tip(r) != tip(top) {
			t.Errorf("%s is at %s, the office at %s", r.Root(), tip(r).Short(), tip(top).Short())
		}
		if read(t, r, "left.txt") != "from the lowest\n" || read(t, r, "right.txt") != "from the other lowest\n" {
			t.Errorf("%s has not all papers", r.Root())
		}
		wantClean(t, r)
		if s, err := r.Status(ctx, StatusOptions{}); err != nil || !s.Top && (s.Arrived == nil || !s.Arrived.All) {
			t.Errorf("%s does not know that the office has all: %+v, %v", r.Root(), s.Arrived, err)
		}
	}
	// Once more, and crosswise: the lowest of one branch from the lowest of the
	// other, without cloning anew. Nothing is left to carry.
	if err := left[2].SetParent(ctx, right[2].Root()); err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:] {
		if res := sync(r); !res.UpToDate || res.Commits != 0 {
			t.Errorf("%s again: %+v", r.Root(), res)
		}
	}
	write(t, right[2], "later.txt", "down the new way\n")
	commit(t, right[2], "later")
	res := sync(left[2])
	if res.Commits != 1 || read(t, left[2], "later.txt") != "down the new way\n" {
		t.Errorf("from the new parent: %+v", res)
	}
}

// branch makes a line of copies, each the child of the one before, that all
// serve; the first is a child of the office.
func (x *team) branch(name string, levels int) []*Repo {
	t := x.net.t
	t.Helper()
	var out []*Repo
	at := officeAt
	for i := range levels {
		u := newUser(t, fmt.Sprint(name, i))
		x.net.join(u)
		x.office.admit(x.top, roster.Full, u)
		for _, r := range out { // the settings go down before him
			if _, err := r.Pull(context.Background(), ""); err != nil {
				t.Fatal(err)
			}
		}
		r := x.clone(u, at)
		at = fmt.Sprintf("%s%d:7472", name, i)
		x.net.serve(u, at, r.Root(), HostOptions{})
		out = append(out, r)
	}
	return out
}
