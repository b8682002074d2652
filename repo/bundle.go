package repo

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/esync/esync/internal/sealed"
	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
	"github.com/esync/esync/transport"
)

// The form of bundle files; doc.go draws it.
const (
	bundleStart     = "esync bundle 1\n"
	bundleVouched   = "esyncvch"
	bundleNamespace = "bundle@esync"
	// maxVouch bounds what stands behind the inner bundle.
	maxVouch = 8 + sshsig.MaxSignature + 4 + len(bundleVouched)
)

// BundleOptions says what goes into a bundle.
type BundleOptions struct {
	// Since is a peer: what he had when last heard of is left out. Empty: all
	// of the history, with which anybody can begin.
	Since string
	// Replace lets a file of that name be replaced.
	Replace bool
}

// BundleResult is what a bundle holds.
type BundleResult struct {
	File             string
	Commits, Objects int
	Bytes            int64 // of the file
	// For are the members who can open it.
	For []string
}

// Bundle writes what this copy shares into a file, for where no network is. It
// is sealed for all who are members now, and signed. Settings always travel in
// it whole. The error is ErrExists when the file is there already.
func (r *Repo) Bundle(ctx context.Context, file string, o BundleOptions) (*BundleResult, error) {
	state, err := r.refs.State()
	if err != nil {
		return nil, err
	}
	content := transport.BundleContent{
		Engagement: idOf(state.Get(nameEngagement)), Name: string(state.Get(nameName)), Receipt: r.receipt(), Progress: r.env.transferProgress("writing"),
	}
	if content.Tips, err = transport.TipsOf(state); err != nil {
		return nil, err
	}
	if content.Haves, err = r.bundleHaves(state, o.Since); err != nil {
		return nil, err
	}
	res := &BundleResult{File: file}
	var to []string
	if res.For, to, err = r.readers(state); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(file); err == nil && !o.Replace {
		return nil, fmt.Errorf("%q %w", file, ErrExists)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".esync-bundle-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	done, err := r.writeBundle(ctx, tmp, to, content)
	r.env.progress(Progress{Phase: "writing", Done: true})
	if err != nil {
		return nil, err
	}
	if res.Bytes, err = tmp.Seek(0, io.SeekCurrent); err != nil {
		return nil, err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	res.Commits, res.Objects = done.Commits, done.Objects
	return res, place(tmp.Name(), file, o.Replace)
}

// place gives a finished file its name.
func place(tmp, file string, replace bool) error {
	if replace {
		return os.Rename(tmp, file)
	}
	err := os.Link(tmp, file)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// Sticks know no second name of a file.
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q %w", file, ErrExists)
	}
	return os.Rename(tmp, file)
}

// bundleHaves are the commits that a peer had when last heard of.
func (r *Repo) bundleHaves(state refs.State, since string) ([]objects.ID, error) {
	if since == "" {
		return nil, nil
	}
	a, err := r.atlas()
	if err != nil {
		return nil, err
	}
	name := since
	if m := a.circle.byName(since); m != nil && state.Get(nameIn(underRemote, since)) == "" {
		name = a.nameOf(m)
	}
	var haves []objects.ID
	for n, v := range state.List(underRemotes + "/" + name) {
		if _, meta := n.Under(underRemotes + "/" + name + "/" + underMeta); !meta {
			haves = append(haves, idOf(v))
		}
	}
	if len(haves) == 0 {
		return nil, fmt.Errorf("nothing is known of what %q has: %w", since, &UnknownError{"peer", since})
	}
	const most = 256 // that a bundle may build on
	return haves[:min(most, len(haves))], nil
}

// readers are all who may open what this copy shares, and their keys.
func (r *Repo) readers(state refs.State) (names, keys []string, err error) {
	all, err := r.rosterOf(state)
	if err != nil {
		return nil, nil, err
	}
	for m := range all.All() {
		if all.LevelOf(m.Key, r.env.Now()) >= roster.Read {
			names, keys = append(names, m.Name), append(keys, m.Key.String())
		}
	}
	return names, keys, nil
}

// writeBundle writes the content of a bundle file.
func (r *Repo) writeBundle(ctx context.Context, w io.Writer, to []string, content transport.BundleContent) (transport.BundleResult, error) {
	var none transport.BundleResult
	if _, err := r.env.key(); err != nil {
		return none, fmt.Errorf("cannot sign the bundle: %w", err)
	}
	if _, err := io.WriteString(w, bundleStart); err != nil {
		return none, err
	}
	inner, err := sealed.Writer(w, to)
	if err != nil {
		return none, err
	}
	done, err := transport.WriteBundle(ctx, inner, content, r.store)
	if err != nil {
		return none, err
	}
	vouch, err := encodeVouch(r.env.Signer, done.Seal, r.env.Now())
	if err != nil {
		return none, err
	}
	if _, err := inner.Write(vouch); err != nil {
		return none, err
	}
	return done, inner.Close()
}

// encodeVouch makes what stands behind the inner bundle: when it was made, the
// signature, its length, and the end mark.
func encodeVouch(s sshsig.Signer, seal objects.ID, made time.Time) ([]byte, error) {
	b := binary.LittleEndian.AppendUint64(nil, uint64(max(made.Unix(), 0)))
	sig, err := s.Sign(bundleNamespace, vouchMessage(seal, b))
	if err != nil {
		return nil, err
	}
	b = append(b, sig...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(sig)))
	return append(b, bundleVouched...), nil
}

func vouchMessage(seal objects.ID, made []byte) []byte {
	return append(append([]byte(bundleStart), seal[:]...), made...)
}

// vouch is who signed a bundle, and when.
type vouch struct {
	seal []byte // the time, as it was signed
	sig  []byte
	made time.Time
}

// decodeVouch reads what stands behind the inner bundle, and gives the length
// of that one.
func decodeVouch(r io.ReaderAt, size int64) (v vouch, inner int64, err error) {
	bad := func(what string) (vouch, int64, error) {
		return vouch{}, 0, fmt.Errorf("%w: %s", transport.ErrBundle, what)
	}
	tail := make([]byte, min(size, int64(maxVouch)))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return v, 0, err
	}
	end := len(tail) - len(bundleVouched) - 4
	if end < 8 || string(tail[end+4:]) != bundleVouched {
		return bad("it is cut short, or nobody vouches for it")
	}
	n := int64(binary.LittleEndian.Uint32(tail[end:]))
	if n > int64(end-8) {
		return bad("a signature with a wrong length")
	}
	v.sig = tail[int64(end)-n : end]
	v.seal = tail[int64(end)-n-8 : int64(end)-n]
	v.made = time.Unix(int64(binary.LittleEndian.Uint64(v.seal)), 0).UTC()
	return v, size - int64(len(tail)-end) - n - 8, nil
}

// bundleConnection is a bundle that is open to be fetched from.
type bundleConnection struct {
	*transport.Bundle
	file  *os.File
	maker roster.Key
}

// Close closes the file.
func (b *bundleConnection) Close() error { return b.file.Close() }

// openBundle opens a bundle file, and tells who vouches for it. Whether that
// one is a member shows by the settings, which may travel in it.
func openBundle(env Env, path string) (*bundleConnection, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b, err := readBundle(env, f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return b, nil
}

func readBundle(env Env, f *os.File) (*bundleConnection, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	start := make([]byte, len(bundleStart))
	if _, err := f.ReadAt(start, 0); err != nil && err != io.EOF {
		return nil, err
	}
	if string(start) != bundleStart {
		return nil, transport.ErrBundle
	}
	if env.Key == nil {
		return nil, fmt.Errorf("cannot open the bundle: %w", ErrNoKey)
	}
	key, err := env.Key()
	if err != nil {
		return nil, fmt.Errorf("cannot open the bundle: %w", err)
	}
	length := info.Size() - int64(len(bundleStart))
	content, size, err := sealed.Open(io.NewSectionReader(f, int64(len(bundleStart)), length), length, key)
	switch {
	case errors.Is(err, sealed.ErrNotForYou):
		return nil, fmt.Errorf("%w: the bundle was made when you were none", transport.ErrNotMember)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", transport.ErrBundle, err)
	}
	v, inner, err := decodeVouch(content, size)
	if err != nil {
		return nil, err
	}
	b, err := transport.OpenBundle(io.NewSectionReader(content, 0, inner), inner)
	if err != nil {
		return nil, err
	}
	line, err := sshsig.Verify(bundleNamespace, vouchMessage(b.Seal(), v.seal), v.sig)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", transport.ErrForged, err)
	}
	maker, err := roster.ParseKey(line)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", transport.ErrForged, err)
	}
	return &bundleConnection{b, f, maker}, nil
}

// vouched holds that the maker of a bundle is a member, where conn is one.
func (r *Repo) vouched(state refs.State, a transport.Arrived, conn Connection) error {
	b, ok := conn.(*bundleConnection)
	if !ok {
		return nil
	}
	s, err := r.standingOf(state)
	if err != nil {
		return err
	}
	return s.vouches(a, b.maker, r.env.Now())
}

// vouches holds that the maker of a bundle is a member, by the settings of this
// copy and those that came in the bundle.
func (s *standing) vouches(a transport.Arrived, maker roster.Key, now time.Time) error {
	next, _, err := s.follow(a.Source, a.Tips, func(string) {})
	if err != nil {
		return err
	}
	settings, err := next.chain.Settings()
	if err != nil {
		return err
	}
	all := &roster.Roster{Settings: settings, Admissions: next.list()}
	if all.LevelOf(maker, now) < roster.Read {
		return fmt.Errorf("%w: whoever made the bundle (key %s)", transport.ErrNotMember, maker.Fingerprint())
	}
	return nil
}
