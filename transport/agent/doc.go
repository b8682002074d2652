// Package agent keeps connections to peers open between two commands of one user, so that the second command asks its peer
// without a handshake: one round trip.
//
// A process per user runs Serve on the socket that Listen made; a command calls Dial, or DialOrStart, and uses the Client as
// it would use one of package ssh. Whatever is wrong with the agent is ErrNoAgent, and the command then connects by itself:
// an agent makes things faster, and nothing depends on it.
//
// The agent asks nobody anything. Where a person would be asked, about a host that is not known or for a passphrase, it
// answers that, which is ErrNoAgent too: the command asks. It reads keys and configuration as package ssh does, by what the
// Spec says, at the time of the connection.
//
// # Who may use it
//
// The folder of the socket belongs to the user and is closed to others (0700); on Linux the agent looks at the user at the
// other end besides. A Spec is part of the key of a kept connection, with the host keys that are expected and the user's own,
// so a connection is never used for anything it would not have been made for.
//
// # How long things last
//
//	kept connection      10 min without use; 1 min when it was the second or a later one to the same peer
//	agent                10 min without use
//	dead connection      noticed by package ssh (asked after 8 s of silence, closed after 25 s). One that stood before and
//	                     turns out dead, or does not answer within 3 s and four round trips, before a byte of an answer came,
//	                     is made anew once and the request sent again, unless the command has sent more than its request
//
// Two agents that start at once: one has the lock of the folder, the other's Listen returns ErrRunning. A socket whose agent
// is gone is replaced. An agent of another version is told to finish what it does and to end, and is not used.
//
// # The socket
//
// The agent begins with one line, at most 128 bytes: "esync-agent/1 VERSION\n". Then both send frames:
//
//	u8 kind, u32 big-endian length of the content, content
//
//	kind                    content                                    limit
//	1 CONNECT    to agent   JSON of a way: {"spec": Spec, "lane": n}   64 KiB   answered by 5 or 6, then closed
//	2 OPEN       to agent   the same; 3 follows                        64 KiB
//	3 REQUEST    to agent   the request, as package ssh sends it       1 MiB    answered by 5 or 6
//	4 STOP       to agent   nothing: end when nothing is under way     0        answered by closing
//	5 OPENED     to command JSON of Info                               64 KiB
//	6 FAILED     to command JSON of a failure: {"code": n, "text": s}  64 KiB   also in the middle of a conversation
//	7 DATA       both       bytes of the conversation                  64 KiB
//	8 END        both       nothing: this side has said all            0
//	9 STATUS     to agent   nothing                                    0        answered by 10
//	10 STATE     to command JSON of State                              64 KiB
//
// After OPENED the two sides of the conversation are independent, as in package ssh: a side that is closed without END is
// cut. Lane 0 is the first connection to a peer, 1 and more those of Another. Failures are numbered in failure.go; a number
// keeps its meaning, and an unknown one is an error with its text.
package agent
