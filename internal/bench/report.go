package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// reportHead explains the tables; the machine, the versions and the tables follow.
const reportHead = `# Performance

This document is written by the bench (` + "`make bench`" + `, see ` + "`internal/bench`" + `); do not edit it by hand. All tools ran in one run on the same data, each row
with one tool after the other, %d times; a figure is the median, and the number in parentheses the median ratio of esync to that tool: below 1 esync
needs less. "esync" goes through a stock sshd, "esync-serve" through its own server.

What the rows mean: CPU is that of the client and of the server together. "peak" is the largest client process (17 MB is the least that can be seen), "server" the anonymous memory of all server
processes. "wire" is the SSH stream both ways, without the headers of TCP. "growth" and "store" are allocated bytes. borg and restic have no status of their
own: the row is a backup of an unchanged folder. rsync and unison keep no history. The sizes: XS 300 files, 21 MB; S 2,002 files, 201 MB; M 10,003 files, 2.1 GB,
with one file of 500 MiB; T 200,000 files, 405 MB.

`

// writeReport writes the document with the tables.
func writeReport(ctx context.Context, o options, tools []maker, missing []string, tables string) error {
	var b strings.Builder
	fmt.Fprintf(&b, reportHead, o.n)
	fmt.Fprintf(&b, "Measured on %s on %s.\n\n", time.Now().Format("2 January 2006"), machine())
	for _, m := range tools {
		if m.name == subject || m.program != "" {
			fmt.Fprintf(&b, "- %s: %s\n", m.name, version(ctx, m))
		}
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "- not installed: %s\n", strings.Join(missing, ", "))
	}
	b.WriteString(tables)
	if err := os.WriteFile(o.write, []byte(b.String()), 0o644); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// version is the first line of what the tool says, without the path of the program.
func version(ctx context.Context, m maker) string {
	out, err := exec.CommandContext(ctx, "sh", "-c", m.version).Output()
	if err != nil {
		return "unknown"
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return strings.Join(strings.Fields(line), " ")
}

// machine describes the computer as far as the system tells.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if cpu := after("/proc/cpuinfo", "model name"); cpu != "" {
		text += " (" + cpu + ")"
	}
	if memory := after("/proc/meminfo", "MemTotal"); memory != "" {
		var kb int64
		if _, err := fmt.Sscan(memory, &kb); err == nil {
			text += fmt.Sprintf(", %d GB of memory", (kb+1<<19)>>20)
		}
	}
	return text
}

// after returns the value of the first line "name: value" of a file.
func after(path, name string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
