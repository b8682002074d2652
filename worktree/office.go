package worktree

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/esync/esync/internal/fsys"
)

// tempPrefix begins the names under which Apply writes new content before it
// takes its place. They are never recorded.
const tempPrefix = ".esync-tmp-"

// officeNoise tells whether office programs, CaseWare and the systems'
// file managers leave files of that name beside the real ones: owner files,
// locks, temporary files.
func officeNoise(name string) bool {
	switch {
	case strings.HasPrefix(name, "~$"), strings.HasPrefix(name, tempPrefix):
		return true
	case strings.HasPrefix(name, ".~lock.") && strings.HasSuffix(name, "#"):
		return true
	}
	upper := strings.ToUpper(name)
	if strings.HasPrefix(upper, "~WRL") || strings.HasPrefix(upper, "~WRD") || strings.HasPrefix(upper, "~DF") {
		return true
	}
	switch upper {
	case "THUMBS.DB", "DESKTOP.INI", ".DS_STORE":
		return true
	}
	switch extension(upper) {
	case "TMP", "LCK", "LOCKS", "CLG", "CSC", "CWZ":
		return true
	}
	return false
}

// extension gives what stands after the last dot, or "".
func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i+1:]
	}
	return ""
}

// excelTempName tells whether Excel could have made up the name: 8 hexadecimal
// digits, no extension. Such a file counts only by its content, see isTemp.
func excelTempName(name string) bool {
	return len(name) == 8 && strings.Trim(name, "0123456789ABCDEFabcdef") == ""
}

// officeFile tells whether Excel, Word or PowerPoint save files of that name
// by deleting and renaming.
func officeFile(name string) bool {
	switch ext := strings.ToLower(extension(name)); ext {
	case "rtf", "odt", "ods", "odp", "vsd", "vsdx", "mpp", "pub":
		return true
	default:
		return len(ext) >= 3 && len(ext) <= 4 && slices.Contains([]string{"xls", "xlt", "xla", "xlw", "doc", "dot", "ppt", "pot", "pps"}, ext[:3])
	}
}

// ownerNames are the names of the files by which office programs say that a
// document is open: Excel takes the whole name, Word drops up to two letters
// of a longer one, LibreOffice has its own.
func ownerNames(name string) []string {
	names := []string{"~$" + name, ".~lock." + name + "#"}
	rest := name
	for range 2 {
		_, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		if strings.IndexByte(rest, '.') > 0 {
			names = append(names, "~$"+rest)
		}
	}
	return names
}

// freshTemp is how long a temporary file counts as a save under way. One that
// is older was left behind.
const freshTemp = 10 * time.Minute

// ownerOf gives the name of the owner file that says a document is open, if
// there is one. The listing is sorted by name.
func ownerOf(listing []fsys.Info, name string) (string, bool) {
	for _, owner := range ownerNames(name) {
		if find(listing, owner) != nil {
			return owner, true
		}
	}
	return "", false
}

func find(listing []fsys.Info, name string) *fsys.Info {
	i, ok := slices.BinarySearchFunc(listing, name, func(i fsys.Info, name string) int { return strings.Compare(i.Name, name) })
	if !ok {
		return nil
	}
	return &listing[i]
}

// The beginnings of the files that office programs write: a zip archive or an
// OLE compound file.
var officeMagics = []string{"PK\x03\x04", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}

// isTemp tells whether a file with an Excel temporary name is one: it is empty
// or an office file.
func (w *Worktree) isTemp(dir string, i *fsys.Info) bool {
	if !i.Regular() || !excelTempName(i.Name) {
		return false
	}
	if i.Size == 0 {
		return true
	}
	f, err := w.files.OpenFile(join(dir, i.Name), readOnly, 0)
	if err != nil {
		return true // held by whoever is writing it, or renamed by now
	}
	defer f.Close()
	var head [8]byte
	n, _ := f.ReadAt(head[:], 0)
	return slices.ContainsFunc(officeMagics, func(m string) bool { return strings.HasPrefix(string(head[:n]), m) })
}

// saving tells whether a document that is missing is only being saved, and
// what shows it.
func (w *Worktree) saving(dir string, listing []fsys.Info, name string) (string, bool) {
	if owner, ok := ownerOf(listing, name); ok {
		return owner, true
	}
	if !officeFile(name) {
		return "", false
	}
	since := w.now().Add(-freshTemp).UnixNano()
	for n := range listing {
		i := &listing[n]
		if i.ModTime < since && i.ChangeTime < since || !i.Regular() {
			continue
		}
		upper := strings.ToUpper(i.Name)
		word := strings.HasPrefix(upper, "~WRD") || strings.HasPrefix(upper, "~WRL")
		if word || excelTempName(strings.TrimSuffix(upper, ".TMP")) && len(upper) == 12 || w.isTemp(dir, i) {
			return i.Name, true
		}
	}
	return "", false
}
