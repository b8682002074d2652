// Package netlab is a network laboratory for tests: hosts that are namespaces of Linux for network and name, networks that are bridges,
// routers, Wi-Fi that isolates its stations, firewalls, and links with delay, rate, loss and cuts. It is all test code;
// the program that measures (internal/bench) uses it too, by Open.
//
//	lab := netlab.New(t)
//	wifi := lab.LAN("wifi", "10.2.0.0/24")
//	lead, anna := lab.Host("lead"), lab.Host("anna")
//	at := lead.Join(wifi)
//	anna.Join(wifi)
//	out, err := anna.Output("esync", "pull", "ssh://"+at.Addr.String()+"/eng1")
//
// Reading order: [Require] says whether this machine can do it; [Lab] makes a [Host], a [LAN], a [Link]; a [Port] is a host's
// place in a LAN, which can be cut; a [Process] runs in a host; a [Capture] hears what a host hears.
//
// Real TCP of the real kernel runs over all of it. A link is two TUN devices joined by goroutines of the test, because
// kernels are built without netem. Programs and sockets get into a host by being started on a thread that is in it, see
// [Host.Do]. Namespaces have no names and nothing is written anywhere: when the test process ends, however it ends, the kernel
// takes everything back, and processes in hosts are killed.
//
// It needs Linux, root, and the programs ip and bridge of iproute2; nft for firewalls. Where that is missing, tests
// are skipped with the reason on standard error, and fail instead when ESYNC_NETLAB=must is set, as the checks before a
// change lands do.
//
// golang.org/x/sys/unix makes the namespaces, the TUN devices and the packet sockets.
package netlab
