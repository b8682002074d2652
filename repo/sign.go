package repo

import (
	"fmt"
	"strings"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// key is the public half of the user's device key. The error is ErrNoKey when
// there is none, or none of the type that members have.
func (e *Env) key() (roster.Key, error) {
	if e.Signer == nil || e.Signer.Public() == "" {
		return roster.Key{}, ErrNoKey
	}
	key, err := roster.ParseKey(e.Signer.Public())
	if err != nil {
		return key, fmt.Errorf("%w: %w", ErrNoKey, err)
	}
	return key, nil
}

// hostKey is what this machine shows when it serves, zero when it never does.
func (e *Env) hostKey() roster.Key {
	key, err := roster.ParseKey(e.HostKey)
	if err != nil {
		return roster.Key{}
	}
	return key
}

// putCommit signs a finished commit and stores it. A commit that others would
// refuse because of its author is refused here; one that they refuse because
// its maker may not write is kept, with a warning: he may be let later.
func (r *Repo) putCommit(w objects.Sink, c *objects.Commit) (objects.ID, error) {
	key, err := r.env.key()
	if err != nil {
		return objects.ID{}, fmt.Errorf("cannot commit: %w", err)
	}
	known, _ := c.Header(headerSettings)
	id, err := objects.ParseID(known)
	if err != nil {
		return objects.ID{}, fmt.Errorf("settings of this copy: %w", refs.ErrCorrupt)
	}
	chain, err := r.chainAt(id)
	if err != nil {
		return objects.ID{}, err
	}
	s, err := chain.Settings()
	if err != nil {
		return objects.ID{}, err
	}
	own := s.Member(key)
	if other := s.OtherAuthor(key, c.Author.String()); other != nil && own != nil {
		return objects.ID{}, fmt.Errorf("%w: the author %q is the member %q, and this device is %q: others would refuse such a commit",
			ErrUsage, c.Author, other.Name, own.Name)
	}
	if own == nil || own.LevelAt(r.env.Now()) < roster.Full {
		r.warnReader(key)
	}
	if err := roster.Sign(c, r.env.Signer); err != nil {
		return objects.ID{}, err
	}
	return w.Put(objects.KindCommit, c.Encode(), objects.ID{})
}

// warnReader says that a commit stays in this copy, unless some admission lets
// its maker write.
func (r *Repo) warnReader(key roster.Key) {
	all, err := r.rosterOf(r.state())
	if err != nil || all.LevelOf(key, r.env.Now()) >= roster.Full {
		return
	}
	r.env.warn(fmt.Sprintf("you may not change this engagement, so this commit stays in your copy until %s lets you", admins(all.Settings, r.env.Now())))
}

// memberName makes a name for a member out of what he calls himself.
func memberName(texts ...string) string {
	for _, text := range texts {
		var b strings.Builder
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return roster.CheckMemberName("a"+string(r)+"a") != nil || r == ' ' }) {
			word = strings.Trim(word, "._-'@+")
			if word == "" || b.Len()+1+len(word) > 60 {
				continue
			}
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(word)
		}
		if roster.CheckMemberName(b.String()) == nil {
			return b.String()
		}
	}
	return "member"
}
