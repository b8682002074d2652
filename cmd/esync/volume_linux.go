package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kindOfVolume finds the mount that a path lies in. The last one of the longest path counts, as it covers the others.
func kindOfVolume(path string, _ *unix.Statfs_t) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	kind, longest := "", -1
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// 36 35 98:0 /root /mount/point options [optional…] - kind source options
		left, right, ok := strings.Cut(lines.Text(), " - ")
		where := strings.Fields(left)
		what := strings.Fields(right)
		if !ok || len(where) < 5 || len(what) < 1 {
			continue
		}
		mount := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(where[4])
		if rel, err := filepath.Rel(mount, path); err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
			continue
		}
		if len(mount) >= longest {
			kind, longest = what[0], len(mount)
		}
	}
	return kind
}
