package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.values, got, c.want)
		}
	}
}

func everything(string) bool { return true }

// TestRatiosAreOfRepeats: the machine becomes ten times slower, and the ratio stays.
func TestRatiosAreOfRepeats(t *testing.T) {
	t.Parallel()
	var samples []sample
	for repeat, factor := range []time.Duration{1, 10, 10} {
		samples = append(samples,
			sample{Size: "S", Line: "local", Row: "commit", Tool: "esync", Repeat: repeat, Wall: factor * time.Second},
			sample{Size: "S", Line: "local", Row: "commit", Tool: "git", Repeat: repeat, Wall: factor * 2 * time.Second, Growth: 1500},
			sample{Size: "S", Line: "local", Row: "commit", Tool: "borg", Repeat: repeat, Failed: "out of paper"},
			sample{Size: "S", Line: "loopback", Row: "clone", Tool: "git", Repeat: repeat, Wall: time.Second, Up: 1000, Down: 2000},
		)
	}
	got := tabulate(samples, everything)
	for _, want := range []string{
		"### S, local\n\n| | figure | esync | git | borg |\n|---|---|---:|---:|---:|\n",
		"| commit | wall s | 10.000 | 20.000 (0.50) | failed |\n",
		"|  | growth kB | 0.0 | 1.5 (0.00) | failed |\n",
		"### S, loopback\n\n| | figure | git |\n",
		"| clone | wall s | 1.000 |\n|  | wire kB | 3.0 |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "peak") {
		t.Errorf("a figure that nobody measured is shown:\n%s", got)
	}
}

func TestMissingToolInARow(t *testing.T) {
	t.Parallel()
	got := tabulate([]sample{
		{Row: "clone", Tool: "esync", Wall: time.Second}, {Row: "clone", Tool: "borg", Wall: time.Second},
		{Row: "pull", Tool: "esync", Wall: time.Second},
	}, everything)
	if want := "| pull | wall s | 1.000 | - |\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

// TestTableOfFiles: repeats of two files are not taken for one.
func TestTableOfFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var paths []string
	for i, factor := range []time.Duration{1, 10} {
		path := filepath.Join(dir, string(rune('a'+i)))
		var text []byte
		for _, s := range []sample{{Row: "clone", Tool: "esync", Wall: factor * time.Second}, {Row: "clone", Tool: "git", Wall: 2 * factor * time.Second}} {
			line, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			text = append(append(text, line...), '\n')
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	samples, err := readAll(paths)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tabulate(samples, everything), "| clone | wall s | 5.500 | 11.000 (0.50) |"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}
