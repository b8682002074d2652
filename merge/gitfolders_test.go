package merge_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
)

// paper draws a text of lines that no other has.
func paper(r *rand.Rand) []byte {
	var b bytes.Buffer
	for range 3 + r.IntN(30) {
		fmt.Fprintf(&b, "line %d\n", r.Uint32())
	}
	return b.Bytes()
}

// papers draws a folder of folders.
func papers(r *rand.Rand) map[string]gitFile {
	files := map[string]gitFile{}
	folders := []string{"", "a/", "b/", "a/s/", "a/t/", "b/s/", "c/s/u/"}
	for range 6 + r.IntN(20) {
		name := fmt.Sprintf("f%d", r.IntN(12))
		files[folders[r.IntN(len(folders))]+name] = gitFile{content: paper(r)}
	}
	return files
}

func sortedPaths(files map[string]gitFile) []string { return slices.Sorted(maps.Keys(files)) }

// vacant tells whether a file may stand at a path: nothing does, and no file
// stands where a folder must, nor the other way round.
func vacant(files map[string]gitFile, p string) bool {
	if _, ok := files[p]; ok {
		return false
	}
	for q := range files {
		if strings.HasPrefix(q, p+"/") || strings.HasPrefix(p, q+"/") {
			return false
		}
	}
	return true
}

func moveFile(files map[string]gitFile, from, to string) bool {
	if !vacant(files, to) {
		return false
	}
	files[to] = files[from]
	delete(files, from)
	return true
}

// moveFolder renames a folder, where nothing is in the way.
func moveFolder(files map[string]gitFile, from, to string) {
	for _, p := range sortedPaths(files) {
		if rest, ok := strings.CutPrefix(p, from+"/"); ok {
			moveFile(files, p, to+"/"+rest)
		}
	}
}

// What people do to papers: sober things, and as well making a file of a
// folder or a folder of a file.
const (
	sober = 12
	wild  = 14
)

// work does to the papers what people do.
func work(r *rand.Rand, files map[string]gitFile, edits, things int) map[string]gitFile {
	files = maps.Clone(files)
	for range edits {
		list := sortedPaths(files)
		if len(list) == 0 {
			return files
		}
		p := list[r.IntN(len(list))]
		f := files[p]
		folder, name := path.Dir(p), path.Base(p)
		switch r.IntN(things) {
		case 0, 1, 2: // edit some lines
			l := bytes.SplitAfter(f.content, []byte("\n"))
			for range 1 + r.IntN(3) {
				l[r.IntN(len(l))] = fmt.Appendf(nil, "edited %d\n", r.IntN(1000))
			}
			files[p] = gitFile{content: bytes.Join(l, nil), exec: f.exec}
		case 3:
			moveFile(files, p, path.Join(folder, fmt.Sprintf("g%d", r.IntN(6))))
		case 4:
			moveFile(files, p, path.Join([]string{"a", "b", "c/s", "d", "a/s"}[r.IntN(5)], name))
		case 5:
			moveFile(files, p, path.Join([]string{"a", "b", "c/s", "d", "a/s"}[r.IntN(5)], fmt.Sprintf("g%d", r.IntN(6))))
		case 6:
			delete(files, p)
		case 7, 8:
			if q := path.Join(folder, fmt.Sprintf("n%d", r.IntN(4))); vacant(files, q) {
				files[q] = gitFile{content: paper(r)}
			}
		case 9:
			if folder != "." {
				moveFolder(files, folder, []string{"b", "d", "e/s", "a/v", "c/s/u"}[r.IntN(5)])
			}
		case 10:
			if top, _, deep := strings.Cut(folder, "/"); deep {
				moveFolder(files, top, []string{"d", "e", "b/v"}[r.IntN(3)])
			}
		case 11:
			f.exec = !f.exec
			files[p] = f
		case 12:
			if r.IntN(4) == 0 { // a file becomes a folder that holds it
				delete(files, p)
				files[p+"/"+name] = f
			}
		default:
			if r.IntN(4) == 0 && folder != "." { // a folder becomes a file
				maps.DeleteFunc(files, func(q string, _ gitFile) bool { return strings.HasPrefix(q, folder+"/") })
				if vacant(files, folder) {
					files[folder] = f
				}
			}
		}
	}
	return files
}

// put stores files as a tree of ours.
func (w *world) files(files map[string]gitFile) objects.ID {
	entries := map[string]*objects.Entry{}
	for p, f := range files {
		e := &objects.Entry{Mode: objects.ModeFile, ID: w.put(objects.KindBlob, f.content), Size: int64(len(f.content))}
		if f.exec {
			e.Mode = objects.ModeExecutable
		}
		entries[p] = e
	}
	return w.folder("", entries).ID
}

// read lists the files of a tree of ours.
func (w *world) read(tree objects.ID) map[string]gitFile {
	files := map[string]gitFile{}
	for c, err := range merge.Changes(w, objects.ID{}, tree) {
		if err != nil {
			w.t.Fatal(err)
		}
		if c.New.Mode.IsFolder() {
			continue
		}
		content, err := w.Store.Get(objects.KindBlob, c.New.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		files[c.Path] = gitFile{content: content, exec: c.New.Mode == objects.ModeExecutable}
	}
	return files
}

func sameFiles(a, b map[string]gitFile) bool {
	return maps.EqualFunc(a, b, func(x, y gitFile) bool { return x.exec == y.exec && bytes.Equal(x.content, y.content) })
}

func differences(a, b map[string]gitFile) string {
	var list []string
	for p, f := range a {
		if g, ok := b[p]; !ok {
			list = append(list, "-"+p)
		} else if !bytes.Equal(f.content, g.content) || f.exec != g.exec {
			list = append(list, "*"+p)
		}
	}
	for p := range b {
		if _, ok := a[p]; !ok {
			list = append(list, "+"+p)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// gitPaths are the paths at which git would say that a conflict is.
func gitPaths(list []merge.Conflict) []string {
	var paths []string
	for _, c := range list {
		switch c.Kind {
		case merge.FolderRenamed: // git says it in words alone
		case merge.RenamedApart:
			list := c.Paths()
			if strings.HasPrefix(c.OursPath, c.Path+"/") || strings.HasPrefix(c.TheirsPath, c.Path+"/") {
				// Where a folder stands now, git has no base of a file.
				list = slices.DeleteFunc(list, func(path string) bool { return path == c.Path })
			}
			paths = append(paths, list...)
		default:
			paths = append(paths, c.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// stagedPaths are the paths of git's conflicts; a file that git put beside a
// folder of its name has the name.
func stagedPaths(m gitMerge) []string {
	var paths []string
	for _, p := range m.paths {
		p, _, _ = strings.Cut(p, "~")
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// uncovered are the paths that are not in a folder which a conflict takes whole, as
// it is in conflict with a file.
func uncovered(paths []string, list []merge.Conflict) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		return slices.ContainsFunc(list, func(c merge.Conflict) bool {
			return c.Kind == merge.FileFolder && strings.HasPrefix(path, c.Path+"/")
		})
	})
}

// newFolderMoved tells whether a merge took a new folder along with the renamed
// folder that it was put into. Git leaves such a folder behind, alone under the
// old name.
func newFolderMoved(r merge.Result, sides ...map[string]gitFile) bool {
	for _, n := range r.Notes {
		for _, side := range sides {
			if _, file := side[n.From]; n.Kind == merge.Moved && !file && !vacant(side, n.From) {
				return true
			}
		}
	}
	return false
}

// gitTriple is three trees, with git's marks of the commits that hold them.
type gitTriple struct {
	trees [3]map[string]gitFile
	marks [3]int
}

// gitTriples draws triples and gives them to git.
func gitTriples(g *git, n uint64, things int) []gitTriple {
	var stream bytes.Buffer
	var list []gitTriple
	for seed := range n {
		r := rand.New(rand.NewPCG(seed, uint64(things)))
		var c gitTriple
		c.trees[0] = papers(r)
		edits := 1 + r.IntN(6)
		c.trees[1], c.trees[2] = work(r, c.trees[0], edits, things), work(r, c.trees[0], edits, things)
		c.marks[0] = g.commit(&stream, c.trees[0])
		c.marks[1] = g.commit(&stream, c.trees[1], c.marks[0])
		c.marks[2] = g.commit(&stream, c.trees[2], c.marks[0])
		list = append(list, c)
	}
	g.importAll(&stream)
	return list
}

// TestFoldersAgainstGit merges hundreds of folders in which people rename,
// move, edit and delete, as git does it: the same ones are clean, with the same
// tree, and the conflicts of the others are at the same paths.
func TestFoldersAgainstGit(t *testing.T) {
	t.Parallel()
	g := newGit(t)
	clean, conflicts, beyond, wrong := 0, 0, 0, 0
	list := gitTriples(g, 300, sober)
	for seed, c := range list {
		want, _ := g.merge(c.marks[1], c.marks[2])
		w := newWorld(t)
		got, err := merge.Trees(w, w, w.files(c.trees[0]), w.files(c.trees[1]), w.files(c.trees[2]), merge.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fail := func(what string) {
			if wrong++; wrong > 5 {
				return
			}
			t.Errorf("seed %d: %s\nours  %s\ntheirs %s\nours: conflicts %.300q notes %s\ngit: clean %v paths %q messages %q", seed, what,
				differences(c.trees[0], c.trees[1]), differences(c.trees[0], c.trees[2]), w.describe(got.Conflicts), noteWords(got.Notes), want.clean, want.paths, want.messages)
		}
		switch {
		case newFolderMoved(got, c.trees[1], c.trees[2]):
			beyond++
		case want.clean != (len(got.Conflicts) == 0):
			fail("clean or not")
		case want.clean:
			clean++
			if files, gitFiles := w.read(got.Tree), g.files(want.tree); !sameFiles(files, gitFiles) {
				fail("another tree: " + differences(gitFiles, files))
			}
		default:
			conflicts++
			if ours, gits := gitPaths(got.Conflicts), stagedPaths(want); !slices.Equal(ours, gits) {
				fail(fmt.Sprintf("conflicts at %q, git's at %q", ours, gits))
			}
		}
	}
	t.Logf("of %d merges %d are clean as git's, %d are conflicts of both, %d take a new folder along, %d wrong", len(list), clean, conflicts, beyond, wrong)
}

// TestFilesAndFoldersAgainstGit merges what few people do, a file made of a
// folder and the other way round. Nothing is clean that git finds unclear, and
// what both find clean is the same.
func TestFilesAndFoldersAgainstGit(t *testing.T) {
	t.Parallel()
	g := newGit(t)
	same, unclear, gaveUp := 0, 0, 0
	list := gitTriples(g, 100, wild)
	for seed, c := range list {
		want, ok := g.merge(c.marks[1], c.marks[2])
		w := newWorld(t)
		got, err := merge.Trees(w, w, w.files(c.trees[0]), w.files(c.trees[1]), w.files(c.trees[2]), merge.Options{})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case !ok:
			gaveUp++
		case newFolderMoved(got, c.trees[1], c.trees[2]):
		case len(got.Conflicts) > 0:
			unclear++
		case !want.clean:
			t.Errorf("seed %d is clean; git has conflicts at %q: %q", seed, want.paths, want.messages)
		default:
			same++
			if files, gitFiles := w.read(got.Tree), g.files(want.tree); !sameFiles(files, gitFiles) {
				t.Errorf("seed %d: another tree: %s", seed, differences(gitFiles, files))
			}
		}
	}
	t.Logf("of %d merges %d are clean as git's, %d have conflicts, on %d git gave up", len(list), same, unclear, gaveUp)
}
