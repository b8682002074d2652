// Package transport is the conversation of two copies of an engagement, over
// any stream of bytes: what is missing is found out in one round trip, and
// frames travel as they are stored.
//
// Reading order: [Stream] and [Opener], on which it all runs; [Fetch] and
// [Push], [Peek], [Watch], [Join] and [Heal], the client; [Serve] with [Host]
// and [Engagement], the server; and within, request.go, message.go, then list.go,
// which derives what is to be sent, receive.go, the door for bytes from
// outside, and check.go. [WriteBundle] and [OpenBundle] do without a network.
//
// # Promises
//
// Nothing that was received becomes part of a store before it is verified:
// every frame against its ID, names and folders against the rules for every
// system, the history against its generation numbers, and all of it for being
// complete. Then the copy itself is asked ([Arrived]): who may have made these
// commits is not this package's business. A stream that breaks, anywhere, moves
// no name; what had come is kept and not sent again, whichever peer goes on.
//
// A server gives out what the shared names of one engagement reach, and
// nothing else: content is never asked for by its bare ID, only by its place
// in a list that the server derived itself. What does not exist and what is
// not shared give the same error. An engagement that is shared for reading is
// a value without methods that write. (A writer is trusted within his
// engagement: a commit of his may refer to any object the store has.)
//
// # Round trips
//
//	pull of nothing, or of what fits the budget (256 KiB) 1
//	pull or clone of more                                 2: list, content
//	push of what fits the budget                          1
//	push of more                                          2: list, content and answer
//
// A receiver that finds a base stored otherwise than the sender took for
// granted costs one more attempt, in which only what is still missing is sent.
//
// # Request
//
// The first thing a client says, at most 24 KiB, in one piece: it travels in
// the packet that opens the stream where the connection can do that. Numbers
// are uvarints in their shortest form (encoding/binary) unless a width is
// given; a string is a uvarint length and that many bytes, and text is UTF-8.
//
//	5 bytes   "esync"
//	1 byte    lowest version the client speaks   1 byte  highest one
//	uvarint   features, by bit; a bit the other side does not know is not used
//	1 byte    verb: 1 tips, 2 fetch, 3 get, 4 push, 5 join, 6 watch, 7 lane; one
//	          that the server does not know is answered with error 19
//	string    engagement, a name or path, at most 1 KiB
//	32 bytes  ID of the engagement, zero when not known yet
//	string    sender: how the copy names itself, at most 64 bytes
//	uvarint   number of wanted names, at most 32, each: string; "*" at the end
//	          stands for any rest. None means all
//	uvarint   number of haves, at most 256, each: 32 bytes, a commit
//	uvarint   budget: bytes that may be sent without asking
//	1 byte    differences may be sent to: 0 what the client has as well, 1 what
//	          is in the list, 2 nothing
//	32 bytes  get and lane: ID of the list, else zero
//	uvarint   number of changes, at most 64, each: string name, 32 bytes old,
//	          32 bytes new; zero is absent
//	extensions: 1 what a join says, at most 16 KiB; 2 who asks, where the
//	          connection does not tell: a proof, at most 2 KiB, about all
//	          bytes before the extensions
//
// Extensions are a uvarint, how many, at most 64; then each, by ascending
// number: uvarint number, string. Unknown ones are skipped.
//
// A server that shares no version with the client says so in an ERROR, whose
// form never changes, without reading on.
//
// # Messages
//
// Everything after the request, both ways:
//
//	1 byte    kind; with the high bit set, whoever does not know it skips it
//	4 bytes   length, little-endian; at most 4 MiB, of DATA 64 MiB and a header
//	n bytes   payload
//
//	 1 HELLO     1 byte version, uvarint features, 1 byte level (1 read-only,
//	             2 full), 32 bytes engagement, string name; extensions: 1 a
//	             receipt, at most 4 KiB, which the engagement's top-level parent
//	             signed and everybody passes on
//	 2 TIPS      uvarint n, each: string name, 32 bytes commit; ascending
//	 3 COMMON    uvarint n, each: 32 bytes; the haves that are in the history
//	 4 TOTAL     uvarint frames, uvarint bytes (about): DATA follows at once
//	 5 MANIFEST  uvarint n, each: 32 bytes object, uvarint length (about)
//	 6 LISTED    32 bytes: BLAKE3 of all entries; ends the MANIFESTs
//	 7 NEED      uvarint n, each: uvarint gap since the last, uvarint length;
//	             entries of the list, ascending
//	 8 DATA      whole frames of objects/pack, one behind the other
//	 9 END       empty; ends the DATA of a TOTAL or a NEED
//	10 RESULT    as TIPS: where the names are after a push; extensions as HELLO
//	11 ERROR     uvarint code, string text (at most 1 KiB); then 32 bytes
//	             engagement, string its name, TIPS, uvarint n, each: string
//	             name, 32 bytes expected, 32 bytes actual; then anything
//	129 ALIVE    empty: nothing has changed, and nobody has gone
//
// # Conversations
//
//	tips    <- HELLO TIPS END
//	fetch   <- HELLO TIPS COMMON END                      nothing is missing
//	        <- HELLO TIPS COMMON TOTAL DATA... END        it fits the budget
//	        <- HELLO TIPS COMMON MANIFEST... LISTED       it does not; then, until
//	        -> NEED      <- DATA... END                   the client ends its side
//	get     <- HELLO, -> NEED  <- DATA... END             more lanes for one list
//	push    -> TOTAL DATA... END                          it fits the budget
//	        -> MANIFEST... LISTED  <- HELLO TOTAL, then NEED  -> DATA... END
//	                               until all is there
//	                     <- HELLO (if not sent) RESULT
//	lane    <- HELLO NEED  -> DATA... END                 more lanes for one push
//	join    <- HELLO END
//	watch   <- HELLO TIPS, then TIPS when they are others, within a second, and
//	        ALIVE every 30 s, until the client ends its side
//
// A server may say ERROR at any point instead, and ends its side. Whoever
// receives may ask for more (NEED) before the last answer has come, and answers
// come in the order of the questions.
//
// # The list
//
// It is derived from the wanted commits and those in common, and from nothing
// else but the forms in which the sender stores the objects: for each new
// commit, parents first, what its tree has at some path where no parent's tree
// has the same. What only moved, from elsewhere in the parents' trees, is not
// listed. Pieces stand before the list that names them, the base of a
// difference before the difference, a commit behind its tree. A difference
// goes out as stored when its base is in the list before it, or stood at the
// same path in a parent; else the object is sent in a form without base. The
// list's ID is what a further lane names it by.
//
// # Lanes and sources
//
// What is not sent at once is asked for in slices, in the order of the list, in
// both directions alike. A lane has twice as much under way as it carries in
// the shortest time there and back, at least 224 KiB and at most 2 MiB,
// counting until it is in the file of the transfer. So of a process that is
// killed, or a line that is cut, 256 KiB a lane are sent once more, or what two
// round trips carry where that is more.
//
// Over a distance (8 ms and more) more than 4 MiB go over four streams of one
// connection, since a stream never has more than its window of 2 MiB under
// way, and are fetched over further connections as long as each makes it
// faster. The slices of a lane that broke or fell silent are given out once
// more.
//
// Several peers may bring one list: each makes its own of the same request, and
// is asked for what stands in both with the same length, which means in the
// same form. One that sends what is wrong, or nobody asked for, is asked no
// more, and what came from it wrongly is asked of the others. When the first
// peer fails, the next one's list counts, and the names of the first.
//
// # Healing
//
// What a copy has lost it gets from a peer by places in the list of the whole
// history of the peer's names, in forms that stand alone. So healing gives out
// nothing that fetching would not, and what comes is held to its ID.
//
// # Bundles
//
// A bundle is the answer to a fetch in a file, for where no network is. Fetch
// and Peek take it for a peer. What it builds on, and the receiver has not, is
// an error before anything is read. It takes less for granted of how the
// receiver stores things than a peer who can be asked again: no piece of a file
// of at most 16 MiB. Numbers are little-endian.
//
//	8 bytes   magic "esyncbdl"
//	4 bytes   version, 1
//	4 bytes   length of the header, at most 4 MiB
//	header    32 bytes engagement; string its name; TIPS; prerequisites as
//	          COMMON, the commits that a receiver must have; uvarint number of
//	          commits in it; extensions as HELLO
//	frames    of objects/pack, one behind the other
//	list      for each frame: 32 bytes object, uvarint length of the frame
//	footer    8 bytes magic "esyncbde"; 8 bytes where the list begins; 8 bytes
//	          number of entries, at most 4 Mi; 32 bytes seal; 32 bytes BLAKE3 of
//	          all before
//
// The seal is the BLAKE3 of the magic, the header's length (8 bytes), the
// header and the list. A reader checks it first, each frame's checksum and
// object when it reads the frame, and the rest as it does with any peer.
//
// # What a reader rejects
//
// Lengths and counts over the limits above, numbers not in their shortest
// form, texts that are not UTF-8, names outside heads/, meta/ and tags/, messages
// out of turn, bytes after the end of a message; frames nobody asked for, or more
// than were announced; lists of more than 4 Mi entries. Memory grows with what
// arrives, not with what is announced. Words of a peer are made harmless
// before they stand in an error.
//
// The idea of naming content by places in a derived list is that of
// iroh-blobs' hash sequences and casync's indexes; haves at growing distances
// are those of git's skipping negotiator.
package transport
