package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// What a server and its children use, read from /proc; zero on systems without it.

// ticks is the number of clock ticks a second in /proc, the same on all Linux systems of today.
const ticks = 100

// cpuOf is the CPU time of the process and of its children that have ended.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name of the program is in parentheses and may hold blanks. After it, state is the first field.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const firstTime, times = 11, 4 // own user and system time, that of the children
	if len(fields) < firstTime+times {
		return 0
	}
	var sum int64
	for _, field := range fields[firstTime : firstTime+times] {
		n, _ := strconv.ParseInt(field, 10, 64)
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks
}

// childrenOf are the children that are running now.
func childrenOf(pid int) []int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var pids []int
	for _, field := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// anonymousOf is the anonymous memory of the process and everything below it.
func anonymousOf(pid int) int64 {
	var sum int64
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
		if _, rest, ok := strings.Cut(string(text), "RssAnon:"); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				n, _ := strconv.ParseInt(fields[0], 10, 64)
				sum = n << 10
			}
		}
	}
	for _, child := range childrenOf(pid) {
		sum += anonymousOf(child)
	}
	return sum
}
