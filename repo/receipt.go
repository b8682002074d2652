package repo

import (
	"os"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/graph"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// receiptFile keeps the newest word of the top-level parent that came here, as
// it was signed. Like the book it is advisory: it is checked when it is read.
const (
	receiptFile  = "receipt"
	receiptLimit = 4 << 10
	// receiptSkew is how far ahead of ours the clock of the office may be.
	receiptSkew = 24 * time.Hour
)

// Arrival says which commits the top-level parent has, as far as its last word
// came here.
type Arrival struct {
	// Line and Head are what it had, and Time when it said so.
	Line string
	Head objects.ID
	Time time.Time
	// All: everything that is recorded here is part of it. Else Missing is how
	// many commits are not.
	All     bool
	Missing int
}

// Receipt implements transport.Receipter.
func (r reading) Receipt() []byte { return r.s.repo.receipt() }

// receipt gives what this copy tells others: as the top-level parent its own
// word, else the newest that came here.
func (r *Repo) receipt() []byte {
	state, err := r.refs.State()
	if err != nil {
		return nil
	}
	if !r.isTop(state) {
		b, _ := r.keptReceipt(state)
		return b
	}
	line := currentLine(state)
	word := roster.Receipt{Engagement: idOf(state.Get(nameEngagement)), Line: line, Head: idOf(state.Get(headName(line))), Time: r.env.Now().UTC().Truncate(time.Second)}
	if word.Head.IsZero() {
		return nil
	}
	b, err := word.Encode(r.env.Signer)
	if err != nil {
		return nil // without a key nobody hears anything
	}
	return b
}

// isTop tells whether this copy is the top-level parent: it has none itself,
// and its user is an admin.
func (r *Repo) isTop(state refs.State) bool {
	if state.Get(nameParent) != "" {
		return false
	}
	key, err := r.env.key()
	if err != nil {
		return false
	}
	all, err := r.rosterOf(state)
	return err == nil && all.LevelOf(key, r.env.Now()) == roster.Admin
}

// keptReceipt gives the newest word that came here, nil when there is none
// that holds.
func (r *Repo) keptReceipt(state refs.State) ([]byte, *roster.Receipt) {
	b, err := fsys.ReadFile(r.meta, receiptFile, receiptLimit)
	if err != nil {
		return nil, nil
	}
	word := r.checkReceipt(state, b)
	if word == nil {
		return nil, nil
	}
	return b, word
}

// checkReceipt gives the content of a receipt when an admin of this engagement
// signed it, and what it speaks of is here.
func (r *Repo) checkReceipt(state refs.State, b []byte) *roster.Receipt {
	word, by, err := roster.DecodeReceipt(b)
	if err != nil || word.Engagement != idOf(state.Get(nameEngagement)) || word.Time.After(r.env.Now().Add(receiptSkew)) {
		return nil
	}
	all, err := r.rosterOf(state)
	if err != nil || all.LevelOf(by, r.env.Now()) != roster.Admin {
		return nil
	}
	if here, err := r.store.Has(word.Head); err != nil || !here {
		return nil // what cannot be compared with anything says nothing
	}
	return word
}

// takeReceipt keeps the word that a peer passed on, when it is newer than the
// one that is here.
func (r *Repo) takeReceipt(b []byte) {
	state, err := r.refs.State()
	if err != nil || len(b) == 0 || len(b) > receiptLimit || r.isTop(state) {
		return
	}
	word := r.checkReceipt(state, b)
	if word == nil {
		return
	}
	// Words of the same second are taken in the order in which they come.
	if _, kept := r.keptReceipt(state); kept != nil && word.Time.Before(kept.Time) {
		return
	}
	r.writeLoose(receiptFile, b)
}

// writeLoose replaces an advisory file: without a sync, so that a crash leaves
// the old content, the new, or none.
func (r *Repo) writeLoose(name string, content []byte) {
	f, err := r.meta.OpenFile(name+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	_, werr := f.Write(content)
	if cerr := f.Close(); werr == nil && cerr == nil {
		r.meta.Rename(name+".tmp", name)
	}
}

// arrival tells what of the commits up to tip the top-level parent has. It is
// nil when no word of it is here.
func (r *Repo) arrival(state refs.State, tip objects.ID) (*Arrival, error) {
	_, word := r.keptReceipt(state)
	return r.arrivalBy(word, tip)
}

// arrivalBy is what one word of the top-level parent, if any, says of the
// commits up to tip.
func (r *Repo) arrivalBy(word *roster.Receipt, tip objects.ID) (*Arrival, error) {
	if word == nil {
		return nil, nil
	}
	a := &Arrival{Line: word.Line, Head: word.Head, Time: word.Time, All: true}
	if tip.IsZero() {
		return a, nil
	}
	var err error
	if a.Missing, _, err = graph.AheadBehind(r.graph, tip, word.Head); err != nil {
		return nil, err
	}
	a.All = a.Missing == 0
	return a, nil
}
