package repo

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/transport"
)

// The book is what this copy remembers of others: where they were reached and
// what they had then. It is a JSON file, advisory: whatever it says is tried
// and checked like anything else, and without it nothing is lost. It is
// written beside the log of operations, since hearing from a peer is nothing
// that a user could want to undo.
const (
	bookFile  = "peers"
	bookLock  = "peers.lock"
	bookLimit = 1 << 20

	// keepAddresses bounds what is remembered of one peer: an office, a home,
	// a client's network and a phone.
	keepAddresses = 4
	keepHubs      = 8
)

type book struct {
	// Peers are by the name under which their lines are tracked.
	Peers map[string]*page `json:"peers"`
	// Hubs are those through which a peer was reached, the last one first.
	Hubs []string `json:"hubs,omitempty"`
}

// page is what is known of one peer.
type page struct {
	// Key is the device key of whose copy it is, empty when not known.
	Key string `json:"key,omitempty"`
	// Addresses are where the copy answered, the last one first.
	Addresses []string `json:"addresses,omitempty"`
	// Heard is when it last answered, Missed when it last did not.
	Heard  time.Time `json:"heard,omitzero"`
	Missed time.Time `json:"missed,omitzero"`
	// Head is where its line was when last heard, Level what it let us do,
	// and Route how it was reached.
	Head  string `json:"head,omitempty"`
	Level string `json:"level,omitempty"`
	Route Route  `json:"route,omitempty"`
}

// page gives what is known of a peer, nothing when that is nothing.
func (b *book) page(peer string) page {
	if p := b.Peers[peer]; p != nil {
		return *p
	}
	return page{}
}

// turn gives the page of a peer to write on.
func (b *book) turn(peer string) *page {
	if b.Peers == nil {
		b.Peers = map[string]*page{}
	}
	p := b.Peers[peer]
	if p == nil {
		p = &page{}
		b.Peers[peer] = p
	}
	return p
}

// missedLately tells whether a peer did not answer a moment ago and has not
// answered since.
func (p page) missedLately(now time.Time) bool {
	return p.Missed.After(p.Heard) && now.Sub(p.Missed) < missedLately && !now.Before(p.Missed)
}

// at remembers an address, as the newest.
func (p *page) at(address string) { p.Addresses = first(p.Addresses, address, keepAddresses) }

// first puts an entry in front of a list of at most n, where it stands once.
func first(list []string, entry string, n int) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == entry })
	list = append([]string{entry}, list...)
	return list[:min(n, len(list))]
}

// readBook gives the book, an empty one when there is none that can be read.
func (r *Repo) readBook() *book {
	b := &book{}
	text, err := fsys.ReadFile(r.meta, bookFile, bookLimit)
	if err != nil || json.Unmarshal(text, b) != nil {
		return &book{}
	}
	for peer, p := range b.Peers {
		if p == nil {
			delete(b.Peers, peer)
		}
	}
	return b
}

// note writes into the book. One that another process writes at this moment is
// left alone.
func (r *Repo) note(write func(*book)) {
	lock, err := r.meta.Lock(bookLock)
	if err != nil {
		return
	}
	defer lock.Close()
	b := r.readBook()
	write(b)
	text, err := json.MarshalIndent(b, "", "\t")
	if err != nil || len(text) > bookLimit {
		return
	}
	r.writeLoose(bookFile, text)
}

// heard remembers that a peer answered, what it had on the current line, and
// what it said of itself and of the top-level parent.
func (r *Repo) heard(p peer, head objects.ID, about transport.About) {
	r.takeReceipt(about.Receipt)
	if p.source.Kind == SourceBundle {
		return // whoever made it may be far away
	}
	now := r.env.Now().UTC().Truncate(time.Second)
	r.note(func(b *book) {
		page := b.turn(p.name)
		page.Heard, page.Route = now, p.route
		if about.Level != 0 {
			page.Level = about.Level.String()
		}
		if !head.IsZero() {
			page.Head = head.String()
		}
		if !p.member.IsZero() {
			page.Key = p.member.String()
		}
		if a := p.source.address(); a != "" && p.how.Via == "" {
			page.at(a)
		}
		if p.how.Via != "" {
			b.Hubs = first(b.Hubs, p.how.Via, keepHubs)
		}
	})
}

// missed remembers that a peer did not answer.
func (r *Repo) missed(peer string) {
	now := r.env.Now().UTC().Truncate(time.Second)
	r.note(func(b *book) { b.turn(peer).Missed = now })
}

// seen is when a peer last answered, or zero.
func (r *Repo) seen(peer string) time.Time { return r.readBook().page(peer).Heard }
