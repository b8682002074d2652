package story

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/esync/esync/internal/netlab"
)

// world is where the story happens.
//
//	office ──(vpn)── vpn ─┐
//	                 hub ─┤ internet
//	                gate ─┘
//	                  │ the client's Wi-Fi
//	                  ├── lead, anna, ben, carol, dan
//	                  └── stranger
type world struct {
	t     *testing.T
	lab   *netlab.Lab
	dir   string // everything on disk is below it
	begin time.Time

	internet, wifi *netlab.LAN
	hubHost, gate  *netlab.Host
	hubAddr        string
	gateAddr       netip.Addr
	vpn            *netlab.Link
	officeHost     *netlab.Host
	officeAddr     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	lab := netlab.New(t)
	w := &world{t: t, lab: lab, dir: t.TempDir(), begin: time.Now()}
	w.internet, w.wifi = lab.LAN("internet", "203.0.113.0/24"), lab.LAN("wifi", "192.168.50.0/24")

	w.gate = lab.Host("gate").Router()
	inside, outside := w.gate.Join(w.wifi).Wired(), w.gate.Join(w.internet)
	w.gateAddr = inside.Addr
	w.hubHost = lab.Host("hub")
	w.hubAddr = w.hubHost.Join(w.internet).Addr.String()
	router := lab.Host("vpn").Router()
	routerAddr := router.Join(w.internet).Addr

	w.officeHost = lab.Host("office")
	w.vpn = lab.Link(router, w.officeHost, netlab.Shape{Delay: 5 * time.Millisecond, Mbit: 200, Queue: 512})
	w.officeAddr = w.vpn.B.String()

	w.gate.Route("10.200.0.0/16", routerAddr)
	router.Route(w.wifi.Network.String(), outside.Addr)
	w.officeHost.Route("default", w.vpn.A)
	w.hubHost.Route("default", outside.Addr)
	w.vpnIsBack()
	return w
}

// guard is what the gate always does: nobody dials into the client's network from outside.
const guard = "forward iifname eth1 tcp flags & (syn | ack) == syn drop"

// vpnIsSilent loses all that goes to the office: nobody says that it is out of reach.
func (w *world) vpnIsSilent() {
	w.t.Helper()
	w.vpn.Cut()
}

// vpnIsOff lets the gate say so at once.
func (w *world) vpnIsOff() {
	w.t.Helper()
	w.vpn.Cut()
	w.gate.Firewall(guard, "forward ip daddr 10.200.0.0/16 reject with icmp net-unreachable")
}

func (w *world) vpnIsBack() {
	w.t.Helper()
	w.gate.Firewall(guard)
	w.vpn.Restore()
}

// laptop makes a host on the client's Wi-Fi.
func (w *world) laptop(name string) (*netlab.Host, *netlab.Port) {
	w.t.Helper()
	h := w.lab.Host(name)
	p := h.Join(w.wifi)
	h.Route("default", w.gateAddr)
	return h, p
}

// say begins a chapter.
func (w *world) say(format string, args ...any) {
	w.t.Helper()
	w.t.Logf("%5.1f s  %s", time.Since(w.begin).Seconds(), fmt.Sprintf(format, args...))
}

// papers is the folder of real documents.
func papers(name string) string { return filepath.Join("..", "..", "testdata", "papers", name) }

// save is one of the successive saves of a workbook.
func save(n int) string {
	return filepath.Join("..", "..", "testdata", "saves", fmt.Sprintf("%03d.xlsx", n))
}

func (w *world) read(file string) []byte {
	w.t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	return content
}
