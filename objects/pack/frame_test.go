package pack

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/esync/esync/objects"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares bytes with a file of the module's testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(hex.Dump(got)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if hex.Dump(got) != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s differs from\n%s", name, hex.Dump(got))
	}
}

// sampleFrames has a frame of every form, by hand.
func sampleFrames(t testing.TB) [][]byte {
	c, err := newCodec()
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("audit evidence "), 40)
	edit := append([]byte("new: "), text...)
	id, editID := objects.Sum(objects.KindBlob, text), objects.Sum(objects.KindBlob, edit)
	raw := frame{FrameInfo: FrameInfo{ID: objects.Sum(objects.KindCommit, []byte("raw")), Kind: objects.KindCommit}, plain: 3}
	delta := frame{FrameInfo: FrameInfo{ID: editID, Kind: objects.KindBlob, Form: FormDelta, Depth: 1, Base: id}}
	list := encodeList([]chunk{{id, MaxPiece}, {editID, 600}})
	longer := encodeList([]chunk{{id, MaxPiece}, {id, MaxPiece}, {editID, 600}})
	listDelta := frame{FrameInfo: FrameInfo{ID: editID, Kind: objects.KindBlob, Form: FormListDelta, Depth: 1, Base: id, Raw: 2*MaxPiece + 600}}
	return [][]byte{
		endFrame(append(beginFrame(nil, &raw), "raw"...)),
		c.plain(nil, objects.KindBlob, id, text),
		c.difference(nil, delta, edit, text, MaxPiece),
		listFrame(nil, id, MaxPiece+600, 0, list),
		c.difference(nil, listDelta, longer, list, MaxPiece),
	}
}

func TestGoldenFrames(t *testing.T) {
	t.Parallel()
	for form, b := range sampleFrames(t) {
		info, err := ParseFrame(b)
		if err != nil || info.Form != Form(form) || info.Stored != len(b) {
			t.Fatalf("%v: %+v, %v", Form(form), info, err)
		}
		golden(t, fmt.Sprintf("pack-frame-%s.hex", strings.ReplaceAll(Form(form).String(), " ", "-")), b)
	}
}

func TestFrameEveryBitCounts(t *testing.T) {
	t.Parallel()
	for _, b := range sampleFrames(t) {
		for i := range b {
			for bit := range 8 {
				b[i] ^= 1 << bit
				if _, err := ParseFrame(b); !errors.Is(err, ErrFrame) {
					t.Fatalf("byte %d bit %d of % x: %v", i, bit, b, err)
				}
				b[i] ^= 1 << bit
			}
		}
	}
}

// reseal makes the checksum right after a forgery.
func reseal(b []byte) []byte {
	b = bytes.Clone(b)
	binary.LittleEndian.PutUint32(b, uint32(len(b)-lengthSize))
	n := len(b) - crcSize
	binary.LittleEndian.PutUint32(b[n:], crc32.Checksum(b[:n], castagnoli))
	return b
}

func TestForgedFrames(t *testing.T) {
	t.Parallel()
	f := sampleFrames(t)
	change := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] = v
		return reseal(b)
	}
	for name, b := range map[string][]byte{
		"no kind":              change(f[0], 4, 0),
		"kind 4":               change(f[0], 4, 4),
		"form 5":               change(f[0], 4, 0x51),
		"a commit as list":     change(f[3], 4, 0x33),
		"a depth without base": change(f[1], 5, 1),
		"no depth with base":   change(f[2], 5, 0),
		"too deep":             change(f[2], 5, MaxDepth+1),
		"a wrong length":       change(f[0], 6, 4),
		"a long number":        reseal(append(append(bytes.Clone(f[0][:6]), 0x83, 0), f[0][7:]...)),
		"a number without end": reseal(append(append(bytes.Clone(f[0][:6]), bytes.Repeat([]byte{0xff}, 11)...), f[0][7:]...)),
		"no ID":                reseal(f[1][:30]),
		"a byte too few":       f[1][:len(f[1])-1],
		"a byte too many":      append(bytes.Clone(f[1]), 0),
		"nothing":              nil,
	} {
		if info, err := ParseFrame(b); !errors.Is(err, ErrFrame) {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
}

func TestReadFrame(t *testing.T) {
	t.Parallel()
	var stream []byte
	frames := sampleFrames(t)
	for _, b := range frames {
		stream = append(stream, b...)
	}
	r := bytes.NewReader(stream)
	var buf []byte
	for _, want := range frames {
		var err error
		if buf, err = ReadFrame(r, buf); err != nil || !bytes.Equal(buf, want) {
			t.Fatalf("% x, %v", buf, err)
		}
	}
	if _, err := ReadFrame(r, buf); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for cut := 1; cut < len(frames[0]); cut++ {
		if _, err := ReadFrame(bytes.NewReader(frames[0][:cut]), nil); err != io.ErrUnexpectedEOF && cut != 0 {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if _, err := ReadFrame(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff}), nil); !errors.Is(err, ErrFrame) {
		t.Errorf("4 GiB: %v", err)
	}
}

// FuzzFrame: what parses, and only that, is what the encoder makes of the
// parsed fields.
func FuzzFrame(f *testing.F) {
	for _, b := range sampleFrames(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= minFrame {
			b = reseal(b)
		}
		p, err := parseFrame(b)
		if err != nil {
			if !errors.Is(err, ErrFrame) {
				t.Fatal(err)
			}
			return
		}
		again := endFrame(append(beginFrame(nil, &p), p.payload...))
		if !bytes.Equal(again, b) {
			t.Fatalf("% x became % x", b, again)
		}
	})
}

// FuzzList: lists have one encoding.
func FuzzList(f *testing.F) {
	f.Add(encodeList([]chunk{{objects.ID{1}, 5}, {objects.ID{2}, 300}}), int64(305))
	f.Add([]byte{}, int64(0))
	f.Add(append([]byte{0x85, 0}, make([]byte, 32)...), int64(5))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		chunks, err := decodeList(b, size)
		if err != nil {
			if !errors.Is(err, ErrFrame) {
				t.Fatal(err)
			}
			return
		}
		var sum int64
		for _, c := range chunks {
			sum += int64(c.size)
		}
		if sum != size || !bytes.Equal(encodeList(chunks), b) {
			t.Fatalf("% x of %d became %v", b, size, chunks)
		}
	})
}
