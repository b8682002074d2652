// Package lan lets the copies of an engagement find each other on one network, with nobody set up to help: a copy that
// serves announces itself, and one that looks asks. Members of the engagement understand each other; to anybody else the
// packets are noise of one size.
//
// Reading order: [Beacon] is what a copy that serves says, [Announcer] says it and answers those who ask, [Find] asks and
// reports each [Found]. [Network] is the seam to the system's interfaces and sockets.
//
// # The packet
//
// One packet is one UDP datagram of exactly 188 bytes, a query as well as an announcement, so nobody gets more bytes out of
// a copy than he puts in.
//
//	offset  size
//	0       3     "ESL"
//	3       1     version, 0x01
//	4       8     tag: HMAC-SHA256(tag key, day)[:8]; day is u64, the days since 1970 in UTC
//	12      12    nonce, random
//	24      148   the body below, sealed with AES-256-GCM under the seal key; bytes 0 to 23 are its additional data
//	172     16    authentication tag of AES-256-GCM
//
//	body
//	0       1     kind: 0x01 query, 0x02 announcement
//	1       1     flags: bit 0 read-only; the others are zero
//	2       2     TCP port of the copy that serves, not zero; zero in a query
//	4       8     instance: random, of the process that sent it, not zero
//	12      8     time, milliseconds since 1970
//	20      32    device key, ed25519; in a query the IP address it is sent from (16 bytes, IPv4 as ::ffff:a.b.c.d), then zero
//	52      32    head: the commit the copy is at, or zero; zero in a query
//	84      64    ed25519 signature by the device key; zero in a query
//
//	discovery key (32 bytes, from the engagement's settings)
//	  HKDF-SHA256, no salt, info "esync lan 1 tag"          tag key, 32 bytes
//	  HKDF-SHA256, no salt, info "esync lan 1 seal"         seal key, 32 bytes
//	  HKDF-SHA256, no salt, info "esync lan 1 engagement"   engagement, 32 bytes
//	signed are "esync lan 1 announcement" 0x00, engagement, body[0:84]
//
// Integers are big-endian. What SSH and SSHSIG let a key sign begins otherwise, so no signature serves as another. A reader
// drops every packet that is not exactly this, or has a tag other than of yesterday, today or tomorrow; a packet of a later
// version may come beside one of this version, which goes on being sent.
//
// # On the wire
//
// UDP port 7473. A packet goes out by every interface that is up: to the broadcast address of each IPv4 network
// (Wi-Fi bridges lose multicast more often), to 239.255.115.121, to ff12::6573:796e by IPv6, and to 127.255.255.255, so that
// copies on one machine find each other with no network at all. Several processes of a machine share the port. Interfaces
// are looked at anew every few seconds.
//
//	announcement   at the start, every 30 s, when a beacon changes (at most once a second), and when an interface came
//	query          at once, after 0.3 s, 1 s, 10 s, then every 30 s, from a port of the system's choice
//	answer         an announcement to the one who asked, at once, and one to all, at most once a second, for those whose
//	               firewall lets only that in
//
// # What strangers can do
//
// They see that some copies of esync are here, which packets belong to one engagement on one day, and the addresses they
// come from. They see no name of a client, engagement or person, no key, no commit, and cannot tell a query from an answer.
//
// They cannot make a packet that is accepted, nor get an answer: a query that comes from another address than it names is
// dropped, and one that is heard again is not answered again. The memory for that holds the last 8192 queries at least; whoever
// has taken over the address of a member can draw one packet by an older one, which he cannot read, is no larger than the
// query, and says no more than the announcement that comes every 30 s anyway.
//
// They can replay an announcement from an address of theirs. The address that is used is the one a packet came from, so this
// sends a finder to the stranger: there the SSH server has to prove the host key of the member, and the dial fails. That check
// is the protection, not the time in a packet: laptops in the field have clocks that are hours off, and should find each
// other all the same. Of one address, only announcements newer than the newest count.
//
// Members know the discovery key, hence a member can invent queries, but no announcement of another: it is signed. Whoever is
// revoked is shut out by a new discovery key in the settings.
//
//	answers             12 at once to one source, then 4 a second; 200 at once in all, then 100 a second
//	sources remembered  1024
//	found               1024 addresses of one engagement; further ones are dropped
//	waiting packets     256, further ones are dropped
//
// It is all the standard library: the multicast DNS libraries for Go fail on Windows, and would publish names.
package lan
