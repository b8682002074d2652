// Package ssh carries conversations over SSH: it authenticates both ends and hands out streams. It knows nothing of what is
// said in them.
//
// A client calls Dial and then (*Client).Open with a request; each call is one Stream. A server calls Serve, which asks
// Authorize about every key and gives each stream, with its request, to Handle. The same client speaks with our own server
// and with `esync serve --stdio` behind any sshd; the same server takes stock ssh clients that run that command.
//
// # The wire
//
// Both ends of our own send the banner "SSH-2.0-esync_1". A client that sees a banner beginning "SSH-2.0-esync_" opens a
// channel for each conversation; any other server gets a session, an exec request, and the request as first message.
//
//	channel type "esync.1", channel-open payload (the type-specific data of RFC 4254, 5.1):
//	  0x01, request             the whole request, at most 24 KiB: the answer begins one round trip later
//	  0x00                      the request follows as the stream's first message
//	first message (after 0x00, and always with --stdio):
//	  u32 big-endian length, request; at most 1 MiB
//	channel request "end@esync.1", no reply wanted:
//	  sent right before the end of data; an end of data without it is a cut
//	channel request "exit-status", u32:
//	  sent by the server when Handle has returned: 0, or 1 when it panicked
//
// Everything else is refused: other channel types (UnknownChannelType), a malformed payload (ConnectionFailed), access that was
// withdrawn (Prohibited), more streams than allowed (ResourceShortage), and global requests. A session channel may carry
// one exec of `esync serve … --stdio`; whatever follows in the command is ignored, since the key decides the level. A
// shell, another command or a subsystem that ServerConfig does not name gets one sentence on stderr and exit status 1.
//
// With a stock sshd the request is written behind the exec request without waiting for a reply, which would cost a round
// trip with servers that grant a window at once. sshd grants none before the exec, so the answer begins three round trips
// after Open (measured; one with our own server). sshd gives a program one
// socket for input and output, so closing its output tells nobody anything: a program behind sshd ends its side by ending,
// or by shutdown(2) of that socket.
//
// # Limits of the server
//
//	logins under way               10 of one address (IPv6: of one /64), 64 in all; 256 and 512 more wait, the newest first, and
//	                               the rest is closed. Who makes no progress for 4 s while others wait loses his place,
//	                               sooner when many do and nobody gets in, but not before 0.3 s
//	time for the login             15 s in all, and as much for the wait; 2 min once an admitted key was offered (its owner may
//	                               type a passphrase), for 16 at once and 4 of one address
//	guests (Grant.Guest)           15 s and two streams; they keep their place among those before the login, and lose it
//	                               after 4 s when others wait
//	connections after the login    1024; 256 of one key
//	login attempts                 6, public keys only, no certificates. Fewer would keep out people whose agent offers
//	                               other keys first, as stock clients do with all of them; a key that is not admitted costs a
//	                               look at a table, and with a signature its check: 6 ms for the largest RSA key
//	streams of one connection      8, until the peer has closed them too; 64 of one key
//	window of a stream             2 MiB each way (x/crypto's); a peer that never reads holds up its own stream only
//	sign of life                   asked for after 15 s of silence, closed after 45 s; so is a peer that takes no bytes;
//	                               a client asks after 8 s and closes after 20 s
//	access                         asked of Authorize at login, at every stream, and twice a second for each key that has
//	                               connections: less than before closes them, within a second and in the middle of a word
//	key exchange                   mlkem768x25519-sha256, curve25519-sha256
//	ciphers                        aes128-gcm, aes256-gcm, chacha20-poly1305
//	packets                        256 KiB; more ends the connection
//	log                            20 events a second about those who were refused; the rest is counted. Events hold nothing a
//	                               peer chose but its address and its key
//	host key                       ed25519
//	user keys                      ed25519, sk-ed25519, ecdsa-sha2-nistp256, RSA of 2048 bits with SHA-2
//
// The level is decided after the peer has proved that it holds the key, never for a key that is merely offered.
//
// # The hub
//
// ServeHub lets peers behind firewalls be reached. A peer that can be reached by nobody keeps a connection to the hub and
// registers there by a remote forward, (*Client).Listen; another asks the hub for it, Config.Jump or ssh -J. What passes is
// the SSH connection of the two, with keys and levels of their own: the hub sees who talks to whom, when, and how much.
// It listens on nothing and dials nothing but what registered with it. A stock sshd can take its place, for keys with
// "restrict,port-forwarding"; there a port of the machine itself is listened on.
//
//	global request "tcpip-forward"        string host, u32 port: registers. The host is the peer's own to choose, and comes
//	                                      back in forwarded-tcpip. Port 0: the hub chooses one, the same for a key every time
//	                                      where it can. Ports are numbers in this hub, not of the machine. Who asks for a port
//	                                      that the same key has takes it over; somebody else's is refused
//	global request "cancel-tcpip-forward" the end of that; so is the end of the connection
//	channel "direct-tcpip"                string host, u32 port, string originator, u32 its port: reaches a peer.
//	                                      host "localhost" and the port of a registration; or HubName of the peer's key or
//	                                      HubAlias of its name, with that port, else the newest registration of that name
//	channel "forwarded-tcpip"             the same four, sent by the hub to the peer: host and port as registered, originator
//	                                      the address of who asks
//
// Hosts are at most 255 bytes, ports at most 65535, and everything else is refused. Two keys reach each other when they
// have an engagement in common, or one of them has all. Of one key, 8 registrations and 64 connections it opened stand
// at once, 256 in all; a rate may be set. Each direction holds a buffer of 32 KiB and what its window of 2 MiB lets in: who
// sends stops when the other takes nothing, and a connection in which a side has taken nothing for 45 s is cut. The end of
// one direction is passed on by itself.
//
// A listener that loses its hub makes a new connection, after 0.5 s to 30 s with chance in it, and registers at its old port.
//
// # Out of reach
//
// Whatever is in the way before the peer has said a word is an *UnreachableError, which names the address, the host on the
// way that tried, and the Obstacle in a sentence for people. Config.Connect bounds the wait for each host's first word.
//
// # The host's key
//
// Config.HostKeys are the keys that are expected, any of them; without them, known_hosts is asked as ssh does, and then a
// person. A key other than those is ErrHostKeyChanged, and nothing makes the client go on. The hosts of Config.Jump are
// checked by known_hosts, since they carry only what they cannot read.
//
// # Authorized keys
//
// ParseAuthorizedKeys reads OpenSSH's format. Options that count:
//
//	level="read" or "full"         full when nothing is said; of several the lower
//	engagements="a,b"              only these
//	expiry-time="YYYYMMDD[HHMM[SS]][Z]"
//	command="esync serve --stdio [--level L] [--readonly]"
//	                               the level, so that one file serves both this server and sshd
//
// Options about terminals and environment do not matter here. A hub does not admit a key with restrict or
// no-port-forwarding, unless port-forwarding follows, nor one with permitopen or permitlisten. Any other option, from= and
// cert-authority among them, might restrict the key in a way this server cannot honour: such a line admits nobody.
//
// # Libraries
//
// golang.org/x/crypto/ssh, because it is the only complete SSH for Go. github.com/skeema/knownhosts, because x/crypto's own
// matching fails for hosts with several keys, and for wildcards with ports. github.com/kevinburke/ssh_config reads the lines
// and patterns of ssh_config; Match and Include are decided here, see configReader.
package ssh
