package worktree

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"

	"github.com/esync/esync/internal/fsys"
	"github.com/esync/esync/objects"
)

// sampleCache has folders in folders, an empty one, and files with and without
// stat data.
func sampleCache() *cache {
	w := newCacheWriter(0)
	start := len(w.buf)
	deep := w.folder(len(w.buf), []line{{entry: objects.Entry{Name: "c", Mode: objects.ModeExecutable, ID: objects.ID{3}, Size: 3}, info: &fsys.Info{Size: 3, ModTime: 5, ChangeTime: 6, Inode: 7}}})
	void := w.folder(len(w.buf), nil)
	dir := w.folder(start, []line{
		{entry: objects.Entry{Name: "b", Mode: objects.ModeFile, ID: objects.ID{2}, Size: 1, ModTime: -9}},
		{entry: objects.Entry{Name: "deep", Mode: objects.ModeFolder, ID: objects.ID{4}, Size: 3}, pos: deep},
		{entry: objects.Entry{Name: "void", Mode: objects.ModeFolder, ID: objects.ID{5}}, pos: void},
	})
	top := w.folder(start, []line{{entry: objects.Entry{Name: "dir", Mode: objects.ModeFolder, ID: objects.ID{6}, Size: 4}, pos: dir}})
	return w.finish(objects.ID{7}, top)
}

func sealed(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.Checksum(body, castagnoli))
}

// rewrite copies a cache record by record.
func rewrite(c *cache) *cache {
	w := newCacheWriter(0)
	var folder func(at int) int
	folder = func(at int) int {
		start := len(w.buf)
		var lines []line
		b := c.block(at)
		for r := b.next(); r.ok(); r = b.next() {
			l := line{entry: r.entry()}
			if r.isFolder() {
				l.pos = folder(b.child(r))
			} else if r.hasStat() {
				l.info = r.stat()
			}
			lines = append(lines, l)
		}
		return w.folder(start, lines)
	}
	return w.finish(c.root, folder(c.top))
}

func TestCacheRoundTrip(t *testing.T) {
	t.Parallel()
	c := sampleCache()
	parsed, err := parseCache(sealed(c.data))
	if err != nil {
		t.Fatal(err)
	}
	if again := rewrite(parsed); !bytes.Equal(again.data, c.data) {
		t.Error("read and written again, the bytes differ")
	}
	w := newCacheWriter(0)
	if top := w.branch(parsed, parsed.top); !bytes.Equal(w.finish(c.root, top).data, c.data) {
		t.Error("copied as a branch, the bytes differ")
	}
}

func TestCacheDamage(t *testing.T) {
	t.Parallel()
	whole := sealed(sampleCache().data)
	for n := range whole {
		if _, err := parseCache(whole[:n]); !errors.Is(err, errCache) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
		flipped := bytes.Clone(whole)
		flipped[n] ^= 0x41
		if _, err := parseCache(flipped); !errors.Is(err, errCache) {
			t.Fatalf("byte %d flipped: %v", n, err)
		}
	}
}

// FuzzCache gives the checks bytes with a good checksum. What passes can be
// read to the end and copied.
func FuzzCache(f *testing.F) {
	f.Add(sampleCache().data)
	f.Add(emptyCache().data)
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := parseCache(sealed(body))
		if err != nil {
			if !errors.Is(err, errCache) {
				t.Fatal(err)
			}
			return
		}
		again := rewrite(c)
		if len(again.data) != len(c.data) {
			t.Errorf("%d bytes became %d", len(c.data), len(again.data))
		}
		if _, err := parseCache(sealed(again.data)); err != nil {
			t.Error(err)
		}
	})
}
