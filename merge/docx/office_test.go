package docx

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOfficeOpensResults has LibreOffice, where it is installed, read what comes
// of the triples: a reader that is not ours must find the same words.
func TestOfficeOpensResults(t *testing.T) {
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	dir := t.TempDir()
	base := richDoc(t)
	var files []string
	for i, c := range triples {
		r, err := Merge(base, c.ours.apply(t, base), c.theirs.apply(t, base))
		if err != nil {
			t.Fatal(err)
		}
		if r.Bytes == nil {
			continue
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.docx", i))
		if err := os.WriteFile(file, r.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	args := []string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", dir}
	if out, err := exec.Command(office, append(args, files...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Headers and comments are not in the text that it writes.
	unseen := []string{"Engagement 2025", "Why not 80 percent?"}
	for i, c := range triples {
		text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.txt", i)))
		if c.conflict != "" {
			continue
		}
		if err != nil {
			t.Errorf("%s: LibreOffice does not read it: %v", c.name, err)
			continue
		}
		for _, want := range c.there {
			bad, not := strings.CutPrefix(want, "!")
			for line := range strings.SplitSeq(bad, "\n") {
				if strings.HasPrefix(line, "[") || slices.Contains(unseen, line) {
					continue // "[" is how we show a note
				}
				if strings.Contains(string(text), line) == not {
					t.Errorf("%s: LibreOffice finds %q: %v", c.name, line, !not)
				}
			}
		}
	}
}
