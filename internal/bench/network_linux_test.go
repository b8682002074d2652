package main

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/esync/esync/internal/corpus"
	"github.com/esync/esync/internal/netlab"
)

// TestNetwork measures rsync over two lines with real TCP, and takes the network down again.
func TestNetwork(t *testing.T) {
	t.Parallel()
	netlab.Require(t)
	dir := t.TempDir()
	if err := checkPath(dir); err != nil {
		t.Skip(err)
	}
	tools, missing, err := choose([]string{"rsync"}, "/no/such/esync")
	if err != nil || len(missing) > 0 {
		t.Skipf("missing %q, %v", missing, err)
	}
	on, err := openNetwork(t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer on.Close()
	l, err := openLab(t.Context(), filepath.Join(dir, "lab"), filepath.Join(dir, "esync"), on)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if conn, err := net.Dial("tcp", l.sshd.address); err == nil {
		conn.Close()
		t.Error("the server is on this machine too")
	}
	preset := corpus.Preset{Name: "test", Files: 20, Tiny: true}
	rows := map[string]sample{}
	r := &runner{
		lab: l, preset: preset, source: filepath.Join(dir, "source"), seed: 1, log: t.Output(), plain: map[[2]string]time.Duration{},
		wanted: func(row string) bool { return row == "pull of nothing" },
		keep:   func(s sample) { rows[s.Line] = s },
	}
	if err := corpus.Generate(r.source, preset, 1); err != nil {
		t.Fatal(err)
	}
	contenders := []*contender{r.prepare(t.Context(), tools[0])}
	r.publish(t.Context(), contenders)
	far := shape{rtt: 100 * time.Millisecond}
	for _, on := range []line{{name: plainLine, shape: &shape{}}, {name: "100ms", shape: &far}} {
		l.net.reshape(*on.shape)
		r.remote(t.Context(), contenders, on)
	}
	near, distant := rows[plainLine], rows["100ms"]
	if contenders[0].broken != nil || near.Up == 0 || distant.Down == 0 || near.Trips != 0 {
		t.Fatalf("%v: near %+v, far %+v", contenders[0].broken, near, distant)
	}
	if distant.Trips < 8 || distant.Trips > 200 { // a new SSH connection alone takes that many; a busy machine adds to them
		t.Errorf("got %.1f round trips", distant.Trips)
	}
}
