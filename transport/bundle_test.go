package transport

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/pack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bundle writes what a copy shares, less what haves reach.
func (c *copyOf) bundle(haves ...objects.ID) ([]byte, BundleResult) {
	c.t.Helper()
	s, err := c.refs.State()
	if err != nil {
		c.t.Fatal(err)
	}
	tips, err := TipsOf(s)
	if err != nil {
		c.t.Fatal(err)
	}
	var out bytes.Buffer
	res, err := WriteBundle(context.Background(), &out, BundleContent{
		Engagement: c.id, Name: c.name, Tips: tips, Haves: haves, Receipt: c.receipt,
	}, c.store)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.Bytes != int64(out.Len()) {
		c.t.Errorf("%d bytes, not %d", out.Len(), res.Bytes)
	}
	return out.Bytes(), res
}

func openBundle(t testing.TB, b []byte) *Bundle {
	t.Helper()
	open, err := OpenBundle(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// TestBundle: a full one makes a copy, a later one brings what is new, and
// brings nothing twice.
func TestBundle(t *testing.T) {
	t.Parallel()
	r := seeded(80)
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	server.receipt = []byte("signed")
	f := someFiles(r)
	f["huge.bin"] = noise(r, pack.MaxWhole+1<<20)
	first := server.commit(f, nil)
	server.move(settings, first)
	full, res := server.bundle()
	b := openBundle(t, full)
	if err := b.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	if b.Seal() != res.Seal || b.Commits() != 1 || len(b.Prerequisites()) != 0 || b.About().ID != server.id || b.Tips().Get(settings) != first {
		t.Errorf("%+v", b.header)
	}
	client.inspected(nil)
	got, err := client.pull(b)
	if err != nil {
		t.Fatal(err)
	}
	client.check()
	if got.Name != "eng" || got.Level != LevelRead || got.Objects != res.Objects || string(got.Receipt) != "signed" {
		t.Errorf("%+v", got)
	}
	if got, err = client.pull(b); err != nil || got.Objects != 0 || got.Traffic.Received > 1024 {
		t.Errorf("again: %+v, %v", got, err)
	}
	g := f.clone()
	g["big/ledger.csv"] = "ten bytes\n" + g["big/ledger.csv"]
	g["huge.bin"] = "ten bytes\n" + g["huge.bin"]
	g["papers/00/letter.txt0"] += "more"
	second := server.commit(g, f, first)
	later, res := server.bundle(first)
	if len(res.Prerequisites) != 1 || res.Prerequisites[0] != first || res.Commits != 1 || len(later) > 3<<20 {
		t.Errorf("%+v", res)
	}
	if got, err = client.pull(openBundle(t, later)); err != nil || got.Tips.Get(main) != second {
		t.Fatal(got, err)
	}
	client.check()
	// One that holds names only.
	server.move(main, first)
	names, res := server.bundle(first)
	if res.Objects != 0 || len(names) > 512 {
		t.Errorf("%+v", res)
	}
	if _, err := Fetch(context.Background(), openBundle(t, names), FetchRequest{}, client.local()); err != nil {
		t.Error(err)
	}
	for _, bad := range [][]byte{later, names} {
		_, err := newCopy(t, "eng").pull(openBundle(t, bad))
		var lacking *PrerequisiteError
		if !errors.As(err, &lacking) || !errors.Is(err, ErrPrerequisite) || len(lacking.Missing) != 1 || lacking.Missing[0] != first {
			t.Errorf("without the first: %v", err)
		}
	}
}

// TestBundleStoredOtherwise: the receiver holds what the bundle builds on in
// other forms.
func TestBundleStoredOtherwise(t *testing.T) {
	t.Parallel()
	r := seeded(81)
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	f := files{"a.csv": text(r, 900<<10), "b.csv": text(r, 400<<10)}
	g := f.clone()
	g["a.csv"] = f["a.csv"][:len(f["a.csv"])-1000]
	h := g.clone()
	h["a.csv"] = noise(r, 70<<10) + text(r, 500<<10) + h["a.csv"]
	h["c.csv"] = h["b.csv"] + "more"
	first := server.commit(f, nil)
	second := server.commit(g, nil, first) // each on its own
	if client.commit(g, f, client.commit(f, nil)) != second {
		t.Fatal("histories differ") // here the second is a difference
	}
	server.commit(h, g, second)
	b, _ := server.bundle(second)
	if _, err := client.pull(openBundle(t, b)); err != nil {
		t.Fatal(err)
	}
	client.check()
}

// TestBundleResume: what a fetch from a bundle began, a peer ends, and the
// other way round.
func TestBundleResume(t *testing.T) {
	t.Parallel()
	server, client := newCopy(t, "eng"), newCopy(t, "eng")
	server.commit(someFiles(seeded(82)), nil)
	b, res := server.bundle()
	l := newLink(server)
	l.cutAfter = 900 << 10
	if _, err := client.pull(l); err == nil {
		t.Fatal("no error")
	}
	got, err := client.pull(openBundle(t, b))
	if err != nil || got.Resumed == 0 || got.Resumed+got.Objects < res.Objects || got.Traffic.Received > 1<<20 {
		t.Errorf("%+v, %v", got, err)
	}
	client.check()
	other := newCopy(t, "eng")
	half := openBundle(t, b)
	half.r = bytes.NewReader(b[:len(b)*2/3])
	if _, err := other.pull(half); !errors.Is(err, ErrBundle) {
		t.Errorf("got %v", err)
	}
	if got, err = other.pull(newLink(server)); err != nil || got.Resumed == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	other.check()
}

// TestBundleDamaged: cut anywhere, or with any bit wrong, a bundle is found
// out before anything of it is stored.
func TestBundleDamaged(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	r := seeded(83)
	server.commit(files{"a": text(r, 3000), "b": noise(r, 500)}, nil)
	b, _ := server.bundle()
	try := func(b []byte) error {
		open, err := OpenBundle(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return err
		}
		return open.Verify(context.Background())
	}
	for n := range b {
		if err := try(b[:n]); !errors.Is(err, ErrBundle) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1 << (i % 8)
		if err := try(bad); !errors.Is(err, ErrBundle) && !errors.Is(err, ErrVersion) {
			t.Fatalf("bit of %d: %v", i, err)
		}
		// Without Verify the frames themselves are looked at.
		open, err := OpenBundle(bytes.NewReader(bad), int64(len(bad)))
		if err != nil || i%7 != 0 {
			continue
		}
		client := newCopy(t, "eng")
		if _, err := client.pull(open); err != nil && !errors.Is(err, ErrBundle) {
			t.Fatalf("bit of %d: %v", i, err)
		} else if err != nil {
			for info := range client.store.All() {
				t.Errorf("the store shows %v", info.ID.Short())
			}
		}
		client.check()
	}
	for _, foreign := range []string{"", "esync", "# v2 git bundle\n", strings.Repeat("PK\x03\x04", 100)} {
		if err := try([]byte(foreign)); !errors.Is(err, ErrBundle) {
			t.Errorf("%q: %v", foreign, err)
		}
	}
	newer := bytes.Clone(b)
	newer[8] = 2
	if err := try(newer); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v", err)
	}
}

func TestBundleOfAnother(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	tip := server.commit(files{"a": "a"}, nil)
	b, _ := server.bundle()
	var unrelated *UnrelatedError
	if _, err := newCopy(t, "another").pull(openBundle(t, b)); !errors.As(err, &unrelated) || unrelated.Theirs != server.id {
		t.Errorf("got %v", err)
	}
	if _, err := Join(context.Background(), openBundle(t, b), JoinRequest{server.id, []byte("me")}); !errors.Is(err, ErrRefused) {
		t.Errorf("got %v", err)
	}
	res, err := Peek(context.Background(), openBundle(t, b), PeekRequest{})
	if err != nil || res.Tips.Get(main) != tip {
		t.Errorf("%+v, %v", res, err)
	}
}

// nothing takes bytes and counts them.
type nothing struct{ n int64 }

func (d *nothing) Write(p []byte) (int, error) { d.n += int64(len(p)); return len(p), nil }

// TestBundleMemory: writing a large one does not take much.
func TestBundleMemory(t *testing.T) {
	server := newCopy(t, "eng")
	tip := server.commit(files{"a": noise(seeded(84), 40<<20)}, nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	report := func(p Progress) {
		if p.Objects%64 == 0 {
			runtime.ReadMemStats(&after)
			peak = max(peak, after.HeapAlloc)
		}
	}
	w := &nothing{}
	if _, err := WriteBundle(context.Background(), w, BundleContent{Engagement: server.id, Tips: Tips{{main, tip}}, Progress: report}, server.store); err != nil {
		t.Fatal(err)
	}
	if w.n < 40<<20 || int64(peak)-int64(before.HeapAlloc) > 16<<20 {
		t.Errorf("%d bytes with %d in memory", w.n, int64(peak)-int64(before.HeapAlloc))
	}
}

// TestGoldenBundle: the format stays as it is.
func TestGoldenBundle(t *testing.T) {
	t.Parallel()
	server := newCopy(t, "eng")
	server.receipt = []byte("signed by the office")
	server.commit(files{"a": "content of a", "b/c": "content of c"}, nil)
	b, _ := server.bundle()
	got := []byte(hex.EncodeToString(b) + "\n")
	file := filepath.Join("..", "testdata", "golden", "bundle.hex")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("a bundle is now\n%s", got)
	}
	old, err := hex.DecodeString(strings.TrimSpace(string(want)))
	if err != nil {
		t.Fatal(err)
	}
	client := newCopy(t, "eng")
	if _, err := client.pull(openBundle(t, old)); err != nil || client.tip(main) != server.tip(main) {
		t.Error(err)
	}
	client.check()
}

func FuzzBundle(f *testing.F) {
	server := newCopy(f, "eng")
	first := server.commit(files{"a": "content of a", "b/c": "content of c"}, nil)
	full, _ := server.bundle()
	f.Add(full)
	server.commit(files{"a": "content of A"}, nil, first)
	later, _ := server.bundle(first)
	f.Add(later)
	f.Fuzz(func(t *testing.T, b []byte) {
		open, err := OpenBundle(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		header := open.header.encode()
		if !bytes.Equal(header, b[bundleStart:bundleStart+len(header)]) && len(open.header.about.Receipt) == 0 {
			return // it has extensions that nobody knows, or words that were cleaned
		}
		again := b[:bundleStart+len(header)]
		for i := range open.m.items {
			frame, err := open.frame(i, nil)
			if err != nil {
				return
			}
			again = append(again[:len(again):len(again)], frame...)
		}
		for i := range open.m.items {
			again = appendItem(again, &open.m.items[i])
		}
		if !bytes.Equal(again, b[:len(b)-bundleFooter]) {
			t.Errorf("%x became %x", b, again)
		}
	})
}
