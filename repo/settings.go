package repo

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// knowledge is what was read last of the settings and admissions. It may be
// used from many goroutines.
type knowledge struct {
	mu    sync.Mutex
	chain *roster.Chain
	// roster is that of chain and of the admissions at the names in admits.
	roster *roster.Roster
	admits map[refs.Name]refs.Value
	seq    uint64 // of the state that roster was last found right for
}

// chainAt gives the chain of settings that ends with a version which this copy
// has taken over.
func (r *Repo) chainAt(tip objects.ID) (*roster.Chain, error) {
	r.known.mu.Lock()
	defer r.known.mu.Unlock()
	return r.known.chainAt(r, tip)
}

func (k *knowledge) chainAt(r *Repo, tip objects.ID) (*roster.Chain, error) {
	if k.chain != nil && k.chain.Tip() == tip {
		return k.chain, nil
	}
	chain, err := roster.Trust(r.store, idOf(r.state().Get(nameEngagement)), tip)
	if err == nil {
		k.chain, k.roster = chain, nil
	}
	return chain, err
}

// rosterOf gives who is a member by the names of a state. While they stand it
// is found at once, however often it is asked for.
func (r *Repo) rosterOf(state refs.State) (*roster.Roster, error) {
	k := &r.known
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.roster != nil && k.seq == state.Seq {
		return k.roster, nil
	}
	chain, err := k.chainAt(r, idOf(state.Get(nameSettings)))
	if err != nil {
		return nil, err
	}
	admits := map[refs.Name]refs.Value{}
	for name, value := range state.List(underAdmit) {
		admits[name] = value
	}
	if k.roster != nil && sameValues(k.admits, admits) {
		k.seq = state.Seq
		return k.roster, nil
	}
	s, err := chain.Settings()
	if err != nil {
		return nil, err
	}
	all := &roster.Roster{Settings: s}
	if all.Admissions, err = r.admissions(chain, state); err != nil {
		return nil, err
	}
	k.roster, k.admits, k.seq = all, admits, state.Seq
	return all, nil
}

func sameValues(a, b map[refs.Name]refs.Value) bool {
	for name, value := range a {
		if b[name] != value {
			return false
		}
	}
	return len(a) == len(b)
}

// admissions reads all admissions of a state.
func (r *Repo) admissions(chain *roster.Chain, state refs.State) ([]*roster.Admissions, error) {
	var all []*roster.Admissions
	for name, value := range state.List(underAdmit) {
		tag, _ := name.Under(underAdmit)
		a, err := roster.LoadAdmissions(r.store, chain, tag, nil, idOf(value))
		if err != nil {
			return nil, fmt.Errorf("read %q: %w", name, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// settingsAfter is the version of the settings that holds once changes are
// made.
func settingsAfter(state refs.State, changes []refs.Change) objects.ID {
	for _, c := range changes {
		if c.Name == nameSettings {
			return idOf(c.New)
		}
	}
	return idOf(state.Get(nameSettings))
}

// firstSettings are those of a new engagement: this user is its only member
// and admin.
func (e *Env) firstSettings(name string) (*roster.Settings, error) {
	key, err := e.key()
	if err != nil {
		return nil, fmt.Errorf("cannot make an engagement: %w", err)
	}
	s := &roster.Settings{Engagement: name, Members: []roster.Member{{
		Name: memberName(e.Author.Name, e.Author.Mail, e.Device), Key: key, HostKey: e.hostKey(), Level: roster.Admin,
		Author: e.Author.String(), Device: e.Device, Joined: e.stamp(),
	}}}
	if err := errors.Join(e.renew(&s.Nonce), e.renew(&s.Discovery)); err != nil {
		return nil, err
	}
	return s, nil
}

// renew fills a secret anew.
func (e *Env) renew(s *roster.Secret) error {
	_, err := io.ReadFull(e.Rand, s[:])
	return err
}

// stamp is the present time as settings keep it.
func (e *Env) stamp() time.Time { return e.Now().UTC().Truncate(time.Second) }

// putFirst stores the first settings and gives the ID of the engagement.
func putFirst(env Env, meta fsys.FS, s *roster.Settings) (objects.ID, error) {
	store, err := openStore(env, meta)
	if err != nil {
		return objects.ID{}, err
	}
	defer store.Close()
	w, err := store.Begin()
	if err != nil {
		return objects.ID{}, err
	}
	defer w.Close()
	id, err := roster.PutSettings(w, env.metaCommit("make the engagement "+s.Engagement, objects.ID{}, 0), s, env.Signer)
	if err != nil {
		return objects.ID{}, err
	}
	return id, w.Commit()
}

// metaCommit begins the commit of a version that follows another, if any.
func (e *Env) metaCommit(message string, parent objects.ID, length uint64) objects.Commit {
	c := objects.Commit{Generation: length + 1, Author: e.Author, Device: e.Device, When: wholeZone(e.Now()), Message: message}
	if !parent.IsZero() {
		c.Parents = []objects.ID{parent}
	}
	return c
}
