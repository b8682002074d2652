package ssh

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Law: neither the stream that passes a hub, nor its log, nor its memory holds a word of what the peers say to each other.
// A word that is said outside their SSH connection is found by the same search.
func TestHubIsBlind(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("NOT TESTED: the memory of another process is read on Linux only")
	}
	lead, _ := newKey(t)
	bob, _ := newKey(t)
	hub := startLab(t, labSetup{Kind: "hub"}, map[string]Signer{"lead": lead, "bob": bob})

	secret, open := "the board will sell in "+time.Now().Format("May 2006 15.04.05.000000"), "said in the open at "+time.Now().String()
	p := startPeer(t, hub.testServer, lead, nil, nil)
	c, err := Dial(t.Context(), Target{Host: "lead"}, p.through(hub.testServer, bob))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stream, err := c.Open(t.Context(), []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	talk := strings.Repeat(secret+"\n", 1<<12)
	go func() {
		_, _ = io.WriteString(stream, talk)
		_ = stream.CloseWrite()
	}()
	if got := read(t, stream); got != "full ann:"+secret+talk {
		t.Errorf("%d bytes came back", len(got))
	}
	if found := inMemory(t, hub.cmd.Process.Pid, secret); found {
		t.Error("the hub's memory holds what was said")
	}
	// The control: the same search finds what the hub does see.
	near, err := hub.dial(as(bob)).conn.Dial("tcp", "lead:1")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(near, strings.Repeat(open+"\n", 100))
	eventually(t, "the search does not work", func() bool { return inMemory(t, hub.cmd.Process.Pid, open) })
	hub.end()
	if text := hub.logged(); strings.Contains(text, secret[:20]) || strings.Contains(text, open[:10]) || !strings.Contains(text, string(Relayed)) {
		t.Errorf("the log:\n%s", text)
	}
}

// The stream that passes begins with the banners of the peers' own SSH, and holds no word of theirs.
func TestHubPassesCiphertext(t *testing.T) {
	t.Parallel()
	passed := make(chan []byte, 1<<12)
	hub := startHub(t, func(c *HubConfig) { c.tap = func(data []byte) { passed <- bytes.Clone(data) } })
	p := startPeer(t, hub, hub.member("lead"), nil, nil)
	c, err := Dial(t.Context(), Target{Host: "lead"}, p.through(hub, hub.member("bob")))
	if err != nil {
		t.Fatal(err)
	}
	const secret = "the board will sell in May"
	stream := open(t, c, secret)
	_, _ = io.WriteString(stream, strings.Repeat(secret, 1000))
	_ = stream.CloseWrite()
	read(t, stream)
	c.Close()
	hub.await(Parted, 1)
	close(passed)
	var all []byte
	for data := range passed {
		all = append(all, data...)
	}
	if bytes.Contains(all, []byte(secret[:8])) || bytes.Contains(all, []byte("ann")) || bytes.Count(all, []byte(banner)) != 2 || len(all) < 2*1000*len(secret) {
		t.Errorf("%d bytes passed, beginning with %q", len(all), all[:min(100, len(all))])
	}
}

// inMemory searches what a process can write to.
func inMemory(t *testing.T, pid int, text string) bool {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Skip("NOT TESTED: ", err)
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Skip("NOT TESTED: ", err)
	}
	defer memory.Close()
	for line := range strings.Lines(string(maps)) {
		var from, to uint64
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); n != 3 || !strings.HasPrefix(mode, "rw") {
			continue
		}
		section := make([]byte, 1<<20)
		for at := from; at < to; at += uint64(len(section) - len(text)) { // overlapping, so that no word is cut in two
			n, _ := memory.ReadAt(section[:min(uint64(len(section)), to-at)], int64(at))
			if bytes.Contains(section[:n], []byte(text)) {
				return true
			}
			if n < len(section) {
				break
			}
		}
	}
	return false
}
