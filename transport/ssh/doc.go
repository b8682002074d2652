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
//	connections before the login   10 of one address (IPv6: of one /64), 64 in all; more are closed at once
//	time for the login             15 s in all, 2 min once an admitted key was offered (its owner may type a passphrase)
//	connections after the login    1024
//	login attempts                 6, as in OpenSSH; public keys only, no certificates
//	streams of one connection      8, until the peer has closed them too
//	window of a stream             2 MiB each way (x/crypto's); a peer that never reads holds up its own stream only
//	sign of life                   asked for after 15 s of silence, closed after 45 s; so is a peer that takes no bytes
//	access                         asked of Authorize at login, at every stream, and twice a second for each key that has
//	                               connections: less than before closes them, within a second and in the middle of a word
//	key exchange                   mlkem768x25519-sha256, curve25519-sha256
//	ciphers                        aes128-gcm, aes256-gcm, chacha20-poly1305
//	host key                       ed25519
//	user keys                      ed25519, sk-ed25519, ecdsa-sha2-nistp256, RSA of 2048 bits with SHA-2
//
// The level is decided after the peer has proved that it holds the key, never for a key that is merely offered.
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
// Options about terminals, forwarding and environment do not matter here. Any other option, from= and cert-authority among
// them, might restrict the key in a way this server cannot honour: such a line admits nobody.
//
// # Libraries
//
// golang.org/x/crypto/ssh, because it is the only complete SSH for Go. github.com/skeema/knownhosts, because x/crypto's own
// matching fails for hosts with several keys, and for wildcards with ports. github.com/kevinburke/ssh_config reads the lines
// and patterns of ssh_config; Match and Include are decided here, see configReader.
package ssh
