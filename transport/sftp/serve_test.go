package sftp

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pkg/sftp"
)

// TestMain lets the test binary stand in for a server program: `sftp.test serve FOLDER` shows a folder on stdin and stdout.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		view := fs.FS(os.DirFS(os.Args[2]))
		if os.Args[2] == "large" {
			view = large{}
		}
		if err := Serve(stdio{}, view); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdout.Close() }

var someDay = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func file(text string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(text), Mode: 0o666, ModTime: someDay}
}

// view is an engagement of two lines.
func view() fstest.MapFS {
	return fstest.MapFS{
		"@main/Trial balance.xlsx":  file("balance"),
		"@main/notes/plan.txt":      file("plan"),
		"@main/empty":               file(""),
		"@review/plan.txt":          file("another plan"),
		"@main/evil\u202etxt.exe":   file("turned"),
		"@main/two\nlines\x1b[31m":  file("lines"),
		"@main/a{U+202E}b":          file("as it says"),
		"@main/link":                {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink | 0o777},
		"@main/device":              {Mode: fs.ModeDevice},
		"@main/\u65e5\u672c \u00e9": file("names of all kinds"),
	}
}

func connect(t testing.TB, view fs.FS) *sftp.Client {
	t.Helper()
	near, far := net.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Serve(far, view); far.Close() }()
	c, err := sftp.NewClientPipe(near, near)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		near.Close()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return c
}

func get(c *sftp.Client, name string) (string, error) {
	f, err := c.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	return string(text), err
}

func TestReading(t *testing.T) {
	t.Parallel()
	c := connect(t, view())
	for name, want := range map[string]string{
		"/@main/Trial balance.xlsx": "balance", "@main/notes/../notes/plan.txt": "plan", "/@review/plan.txt": "another plan", "/@main/empty": "",
		"/@main/evil{U+202E}txt.exe": "turned", "/@main/two{U+000A}lines{U+001B}[31m": "lines", "/@main/a{U+202E}b": "as it says",
		"/../../@main/empty": "", "/@main/\u65e5\u672c \u00e9": "names of all kinds",
	} {
		if got, err := get(c, name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	infos, err := c.ReadDir("/@main")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, info := range infos {
		names = append(names, info.Name())
		if info.Mode().Perm()&0o222 != 0 {
			t.Errorf("%q may be written: %v", info.Name(), info.Mode())
		}
	}
	slices.Sort(names)
	if want := []string{"Trial balance.xlsx", "a{U+202E}b", "empty", "evil{U+202E}txt.exe", "notes", "two{U+000A}lines{U+001B}[31m", "\u65e5\u672c \u00e9"}; !slices.Equal(names, want) {
		t.Errorf("the listing is %q", names)
	}
	if info, err := c.Stat("/@main/notes"); err != nil || !info.IsDir() || info.Mode().Perm() != 0 && info.Mode().Perm()&0o222 != 0 {
		t.Errorf("a folder is %v, %v", info, err)
	}
	if info, err := c.Lstat("/@main/empty"); err != nil || info.Size() != 0 || !info.ModTime().Equal(someDay) {
		t.Errorf("a file is %v, %v", info, err)
	}
	for _, name := range []string{"/@main/link", "/@main/device", "/nothing", "/@main/evil\u202etxt.ex", "/@main/\x00", "/@main/b{U+202E}a", "/{x}/{y}"} {
		if _, err := c.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"/@main", "/", "/@main/device"} {
		if _, err := get(c, name); err == nil {
			t.Errorf("%q is read as a file", name)
		}
	}
	if _, err := c.ReadLink("/@main/link"); err == nil {
		t.Error("a link is read")
	}
	if got, err := c.RealPath("x/../../@main/./notes"); got != "/@main/notes" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// Law: nothing that the protocol has for changing things changes anything, and each is refused.
func TestNothingIsWritten(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(path.Join(folder, name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(path.Join(folder, "d"), 0o777); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, folder)
	c := connect(t, os.DirFS(folder))
	open := func(flags int) func() error {
		return func() error {
			f, err := c.OpenFile("/a", flags)
			if err == nil {
				f.Close()
			}
			return err
		}
	}
	for name, do := range map[string]func() error{
		"write": open(os.O_WRONLY), "read and write": open(os.O_RDWR), "append": open(os.O_WRONLY | os.O_APPEND),
		"truncate": open(os.O_WRONLY | os.O_TRUNC), "create": func() error { _, err := c.Create("/new"); return err },
		"create anew":       open(os.O_RDWR | os.O_CREATE | os.O_EXCL),
		"read and create":   open(os.O_RDONLY | os.O_CREATE),
		"read and truncate": open(os.O_RDONLY | os.O_TRUNC),
		"remove":            func() error { return c.Remove("/a") },
		"remove a folder":   func() error { return c.RemoveDirectory("/d") },
		"remove all":        func() error { return c.RemoveAll("/d") },
		"make a folder":     func() error { return c.Mkdir("/e") },
		"make folders":      func() error { return c.MkdirAll("/e/f") },
		"rename":            func() error { return c.Rename("/a", "/c") },
		"rename over":       func() error { return c.PosixRename("/a", "/b") },
		"symlink":           func() error { return c.Symlink("/a", "/c") },
		"link":              func() error { return c.Link("/a", "/c") },
		"mode":              func() error { return c.Chmod("/a", 0o777) },
		"owner":             func() error { return c.Chown("/a", 0, 0) },
		"times":             func() error { return c.Chtimes("/a", someDay, someDay) },
		"size":              func() error { return c.Truncate("/a", 0) },
		"mode of an open":   func() error { return withOpen(c, func(f *sftp.File) error { return f.Chmod(0o777) }) },
		"size of an open":   func() error { return withOpen(c, func(f *sftp.File) error { return f.Truncate(0) }) },
		"write to an open": func() error {
			return withOpen(c, func(f *sftp.File) error { _, err := f.WriteAt([]byte("x"), 0); return err })
		},
		"the file system":    func() error { _, err := c.StatVFS("/"); return err },
		"write to a missing": func() error { _, err := c.OpenFile("/nowhere/x", os.O_WRONLY); return err },
	} {
		if err := do(); err == nil {
			t.Errorf("%s: it was done", name)
		} else if strings.Contains(err.Error(), folder) {
			t.Errorf("%s: the error shows the machine's own path: %v", name, err)
		}
	}
	if after := snapshot(t, folder); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func withOpen(c *sftp.Client, do func(*sftp.File) error) error {
	f, err := c.Open("/a")
	if err != nil {
		return nil // seen as done, and so as a failure of the test
	}
	defer f.Close()
	return do(f)
}

func snapshot(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		b.WriteString(name + " " + info.Mode().String() + " " + info.ModTime().String())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path.Join(folder, name))
			if err != nil {
				return err
			}
			b.WriteString(" " + string(data))
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A session holds few things open, and what it closes makes room.
func TestOpenLimit(t *testing.T) {
	t.Parallel()
	c := connect(t, view())
	for range 3 {
		var open []*sftp.File
		for range maxOpen {
			f, err := c.Open("/@main/empty")
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, f)
		}
		if _, err := c.Open("/@main/empty"); err == nil {
			t.Error("one too many")
		}
		if _, err := c.ReadDir("/@main"); err == nil {
			t.Error("a folder too many")
		}
		for _, f := range open {
			f.Close()
		}
		for range 2 * maxOpen {
			if _, err := c.ReadDir("/@main"); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Stat("/@main"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// trap panics wherever it can.
type trap struct{ where string }

func (t trap) Open(name string) (fs.File, error) {
	if t.where == "open" {
		panic("open")
	}
	return t, nil
}
func (t trap) Stat() (fs.FileInfo, error) {
	if t.where == "stat" {
		panic("stat")
	}
	return shownInfo{info{"x"}}, nil
}
func (t trap) Read([]byte) (int, error)          { panic("read") }
func (t trap) ReadAt([]byte, int64) (int, error) { panic("read") }
func (t trap) Close() error                      { panic("close") }

type info struct{ name string }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return 1 }
func (i info) Mode() fs.FileMode  { return 0 }
func (i info) ModTime() time.Time { return someDay }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// A panic of what is shown costs the request, not the program.
func TestPanics(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"open", "stat", "read"} {
		c := connect(t, trap{where})
		if _, err := get(c, "/x"); err == nil {
			t.Errorf("%s: it is read", where)
		}
		if _, err := c.ReadDir("/"); err == nil {
			t.Errorf("%s: it is listed", where)
		}
		if got, err := c.RealPath("."); got != "/" || err != nil {
			t.Errorf("%s: afterwards: %q, %v", where, got, err)
		}
	}
}

// large is one file of 10 GiB that says where it is read.
type large struct{}

const largeSize = 10 << 30

func (large) Open(name string) (fs.File, error) {
	if name != "big" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return largeFile{}, nil
}

type largeFile struct{}

func (largeFile) Stat() (fs.FileInfo, error) { return largeInfo{info{"big"}}, nil }
func (largeFile) Read([]byte) (int, error)   { return 0, io.EOF }
func (largeFile) Close() error               { return nil }
func (largeFile) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= largeSize {
		return 0, io.EOF
	}
	n := min(len(p), int(largeSize-offset))
	for i := range n {
		p[i] = byte((offset + int64(i)) >> 20)
	}
	return n, nil
}

type largeInfo struct{ info }

func (largeInfo) Size() int64 { return largeSize }

// Anywhere in a file of 10 GiB can be read at once.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	c := connect(t, large{})
	f, err := c.Open("/big")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	piece := make([]byte, 100<<10)
	for _, at := range []int64{0, 5 << 30, largeSize - int64(len(piece))} {
		if n, err := f.ReadAt(piece, at); n != len(piece) || err != nil && err != io.EOF {
			t.Fatal(n, err)
		}
		if piece[0] != byte(at>>20) || piece[len(piece)-1] != byte((at+int64(len(piece))-1)>>20) {
			t.Errorf("at %d is something else", at)
		}
	}
	if n, err := f.ReadAt(piece, largeSize); n != 0 || err != io.EOF {
		t.Errorf("behind the end: %d, %v", n, err)
	}
}

// Law: whatever bytes come in, the session ends, nothing panics, and what goes out is packets.
func FuzzServe(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 5, 1, 0, 0, 0, 3})
	f.Add(append([]byte{0, 0, 0, 5, 1, 0, 0, 0, 3, 0, 0, 0, 14, 11, 0, 0, 0, 1, 0, 0, 0, 5}, "/@main"...))
	f.Add(append([]byte{0, 0, 0, 19, 3, 0, 0, 0, 1, 0, 0, 0, 2}, "/a\x00\x00\x00\x01\x00\x00\x00\x00"...))
	f.Add([]byte{255, 255, 255, 255, 3})
	shown := view()
	f.Fuzz(func(t *testing.T, input []byte) {
		s := &script{Reader: bytes.NewReader(input)}
		_ = Serve(s, shown)
		s.mu.Lock() // the library may still be writing its last packet, when nobody is there to read it
		defer s.mu.Unlock()
		for rest := s.out.Bytes(); len(rest) >= 4; {
			size := int(rest[0])<<24 | int(rest[1])<<16 | int(rest[2])<<8 | int(rest[3])
			if size == 0 || size > 256<<10 {
				t.Fatalf("a packet of %d bytes in %d", size, len(rest))
			}
			rest = rest[min(4+size, len(rest)):]
		}
	})
}

// script is a peer that says what it has to say, and leaves.
type script struct {
	io.Reader
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (*script) Close() error { return nil }
