package roster

import (
	"fmt"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
)

// Headers of commits that this package gives a meaning.
const (
	// HeaderSettings names the version of the settings that the maker of a commit knew, by its ID in hexadecimal. Every
	// commit of content has it, and every commit of admissions.
	HeaderSettings = "settings"
	// HeaderMeta says that a commit is no content but part of a chain: "settings" or "admissions".
	HeaderMeta = "meta"
	// HeaderEngagement is that of a commit of content without parents: the ID of the engagement.
	HeaderEngagement = "engagement"
)

// Namespaces of signatures: what they are for.
const (
	namespaceCommit  = "commit@esync"
	namespaceJoin    = "join@esync"
	namespaceReceipt = "receipt@esync"
)

const (
	metaSettings   = "settings"
	metaAdmissions = "admissions"
	settingsFile   = "settings.json"
	admissionsFile = "admissions.json"
)

// Getter is where this package reads objects: the part of objects.Source that it needs.
type Getter interface {
	Get(kind objects.Kind, id objects.ID) ([]byte, error)
}

// Sign signs a commit that is finished otherwise.
func Sign(c *objects.Commit, s sshsig.Signer) (err error) {
	c.Signature, err = s.Sign(namespaceCommit, c.Payload())
	return err
}

// SignerOf tells who signed a commit. The error is ErrForged when nobody did, or no key that a member could have.
func SignerOf(c *objects.Commit) (Key, error) {
	if len(c.Signature) == 0 {
		return Key{}, fmt.Errorf("%w: no signature", ErrForged)
	}
	line, err := sshsig.Verify(namespaceCommit, c.Payload(), c.Signature)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	key, err := ParseKey(line)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	return key, nil
}

// IsMeta tells whether a commit is part of a chain, and so no content.
func IsMeta(c *objects.Commit) bool {
	_, is := c.Header(HeaderMeta)
	return is
}

// PutSettings stores the version of the settings that follows c's parent, or the first. Of c, the author, device, time,
// message, parent and generation are the caller's; the rest is filled in. The objects are as durable as the sink makes them.
func PutSettings(w objects.Sink, c objects.Commit, s *Settings, signer sshsig.Signer) (objects.ID, error) {
	b, err := s.Encode()
	if err != nil {
		return objects.ID{}, err
	}
	c.Headers = []objects.Header{{Key: HeaderMeta, Value: metaSettings}}
	return putFile(w, c, settingsFile, b, signer)
}

// PutAdmissions is PutSettings for admissions, made by one who knew the given version of the settings.
func PutAdmissions(w objects.Sink, c objects.Commit, a *Admissions, version objects.ID, signer sshsig.Signer) (objects.ID, error) {
	b, err := a.Encode()
	if err != nil {
		return objects.ID{}, err
	}
	c.Headers = []objects.Header{{Key: HeaderMeta, Value: metaAdmissions}, {Key: HeaderSettings, Value: version.String()}}
	return putFile(w, c, admissionsFile, b, signer)
}

func putFile(w objects.Sink, c objects.Commit, name string, content []byte, signer sshsig.Signer) (objects.ID, error) {
	blob, err := w.Put(objects.KindBlob, content, objects.ID{})
	if err != nil {
		return objects.ID{}, err
	}
	t := &objects.Tree{Entries: []objects.Entry{{
		Name: name, Mode: objects.ModeFile, ID: blob, Size: int64(len(content)), ModTime: c.When.UnixMilli(),
	}}}
	if c.Tree, err = w.Put(objects.KindTree, t.Encode(), objects.ID{}); err != nil {
		return objects.ID{}, err
	}
	if err := Sign(&c, signer); err != nil {
		return objects.ID{}, err
	}
	return w.Put(objects.KindCommit, c.Encode(), objects.ID{})
}

// getCommit reads a commit of a chain of the given kind.
func getCommit(src Getter, id objects.ID, meta string) (*objects.Commit, error) {
	b, err := src.Get(objects.KindCommit, id)
	if err != nil {
		return nil, err
	}
	c, err := objects.DecodeCommit(b)
	if err != nil {
		return nil, &objects.ObjectError{ID: id, Err: err}
	}
	if v, _ := c.Header(HeaderMeta); v != meta {
		return nil, fmt.Errorf("%w: commit %s is no version of the %s", ErrForged, id.Short(), meta)
	}
	if len(c.Parents) > 1 {
		return nil, fmt.Errorf("%w: version %s of the %s follows %d others", ErrForged, id.Short(), meta, len(c.Parents))
	}
	return c, nil
}

// getFile reads the one file of a commit of a chain.
func getFile(src Getter, c *objects.Commit, name string) ([]byte, error) {
	b, err := src.Get(objects.KindTree, c.Tree)
	if err != nil {
		return nil, err
	}
	t, err := objects.DecodeTree(b)
	if err != nil {
		return nil, &objects.ObjectError{ID: c.Tree, Err: err}
	}
	if len(t.Entries) != 1 || t.Entries[0].Name != name || t.Entries[0].Mode != objects.ModeFile {
		return nil, fmt.Errorf("%w: it holds something else than %s", ErrForged, name)
	}
	if t.Entries[0].Size > MaxSettings {
		return nil, fmt.Errorf("%w: %s of %d bytes", ErrMalformed, name, t.Entries[0].Size)
	}
	return src.Get(objects.KindBlob, t.Entries[0].ID)
}
