// Package pack stores objects in a folder of append-only packs.
//
// Reading order: [Open] and [Store], which reads; [Store.Begin] and
// [Store.Receive], which give a [Writer]; [ParseFrame] and [FrameInfo], for
// whoever carries frames elsewhere; then [Store.Merge], [Store.GC] and
// [Store.Verify], and [Store.Salvage] with [Store.Mend] for what it finds.
//
// # Promises
//
// What Get and Blob return has been verified against its ID, and Frame against
// its checksum. A commit is durable when Commit has returned; a crash before
// that leaves what was there, and a file that the next Begin removes a day
// later. Memory does not grow with the size of a blob. Limits are checked
// before anything is allocated. Many goroutines and processes may read, write
// and merge at once.
//
// # Forms
//
// How an object is stored is this package's business alone and may differ
// between two copies of an engagement: its ID does not depend on it. A blob of
// up to 256 KiB, a tree and a commit are one frame: raw, zstd, or a delta. A
// larger blob is a list of chunks, which are blobs of their own, unless a
// delta of at most 256 KiB does; so no blob's frame is longer than that, and a
// transfer that is cut re-sends no more.
//
// A delta is against the earlier version that the caller of Put names: whole,
// where both have at most 16 MiB; of a changed chunk against the old chunk in
// the same place; of a list against the old list. It is taken only when it
// saves a fifth of what the plain form takes.
//
// Chunks are cut by content (FastCDC: Xia et al., "FastCDC: a Fast and
// Efficient Content-Defined Chunking Approach for Data Deduplication", USENIX
// ATC 2016; gear hash, normalisation level 2, no hashing below the least
// length): at least 64 KiB, about 128 KiB in the mean, at most 256 KiB. The
// cut points are part of the format, so cutting a blob anew always gives its
// list. The code is our own because the table and the masks must never change
// and it is forty lines; it cuts 2.8 GB/s on one core.
//
// zstd is github.com/klauspost/compress: the one implementation in Go, and it
// needs no C. Its level is the fastest, and the default one as well where
// something but not much was saved: that is where it gains (PDF and Office
// files 2 to 4 %). Deltas are not zstd with the base as dictionary, as one
// might expect: that needs the "better" level, whose 8 MB of tables cost 5 ms
// for each of the many small files and trees of a commit. A search for common
// runs and zstd over what it leaves take 0.9 ms for successive saves of a
// 105 KB workbook and 284 KB for eight of them, against 5.7 ms and 279 KB (and
// 285 KB in git's packs); for a tree, 0.03 ms.
//
// # Chains
//
// A delta's depth is one more than its base's, a list's at least that of its
// deepest chunk. A base is looked for only among copies of lesser depth, a
// chunk among those of no greater depth than the list's. So reading ends,
// whatever the packs hold; and because merging keeps, of several copies, the
// one of least depth, what could be read before can be read after. Depth is at
// most 32, and depth times the greater length of object and base at most
// 64 MiB. It is relative to the packs at hand: a receiver computes its own.
//
// # Files
//
//	<16 hex digits>.pack      a pack; the name is random
//	<16 hex digits>.tmp       a pack being written
//	<16 hex digits>.damaged   a pack of which something is lost; nothing reads it
//	incoming/<key>.part       a transfer: a pack without index that may be continued
//	incoming/<key>.lock       held while somebody writes the part
//	merge.lock                held while packs are merged or collected
//
// A pack. Numbers are little-endian, checksums CRC-32C (Castagnoli).
//
//	8 bytes   magic "esyncpk\n"
//	1 byte    version, 1
//	1 byte    flags: 1 = set aside by GC; others must be 0
//	6 bytes   0
//	frames    one after the other, no bytes between
//	pages     of the index: records, strictly ascending by ID, 85 in each page but the last
//	directory 8 bytes for each page: the first of its first ID
//	footer    32 bytes
//
// A page is its records and 4 bytes checksum. A record:
//
//	32 bytes  ID
//	5 bytes   offset of the frame
//	4 bytes   length of the frame
//	1 byte    kind, and form * 16
//	1 byte    depth
//	5 bytes   length of the object
//
// The footer:
//
//	8 bytes   magic "esyncend"
//	8 bytes   offset of the first page
//	8 bytes   number of records, at least 1
//	4 bytes   checksum of the directory
//	4 bytes   checksum of the 28 bytes before
//
// A reader rejects other magic, versions, flags and lengths: the parts must
// make up the file exactly. A look-up reads one page of each pack; the
// directory, a 512th of the index, is in memory, and up to 16 MiB of pages.
//
// A frame is the same on disk and on the wire:
//
//	4 bytes   length of what follows
//	1 byte    kind (objects.Kind), and form * 16
//	1 byte    depth
//	uvarint   length of the payload when decoded, in the shortest form
//	uvarint   length of the blob; only of lists
//	32 bytes  ID
//	32 bytes  ID of the base; only of forms with a base
//	payload
//	4 bytes   checksum of all bytes before
//
//	form          payload                                          kinds
//	0 raw         the object                                       all
//	1 zstd        one zstd frame (RFC 8878) that says its length   all
//	2 delta       zstd of a delta against the base                 all
//	3 list        a list                                           blob
//	4 list delta  zstd of a delta against the base's list          blob
//
// A list is for each chunk: uvarint length, 32 bytes ID. A delta is: uvarint
// length of its copies, the copies, the literals. A copy is uvarint literals
// before it, uvarint length, varint distance of its place in the base from
// where the last copy ended plus those literals. The literals that are left
// come at the end.
//
// Limits: a tree, commit or list has at most 64 MiB; a blob's frame stands for
// at most 16 MiB; its payload has at most 256 KiB unless it is raw or zstd for
// a receiver without the base (PlainFrame), who cuts it; a zstd payload is
// shorter than what it stands for; a blob has at most 2^40-1 bytes. A reader
// rejects a frame whose checksum, lengths, depth or form break these rules, a
// list with chunks of no bytes or more than 256 KiB, and a delta that leaves
// its base or does not make exactly its length.
//
// # Writing, merging, collecting
//
// Commit writes frames and index, syncs the file, renames it and syncs the
// folder. Four packs of about one size (within a factor of four) then become
// one: a thousand commits leave a score of packs. A reader in another process
// whose pack vanishes lists the folder anew.
//
// GC never pulls an object from under a writer that found it and counts on it:
// what is not needed is first moved to a pack that is marked as set aside,
// where it can be read but no writer counts on it, and only dropped after the
// grace, if it is not needed then either. So the grace must be longer than any
// commit or transfer takes.
//
// # Damage
//
// Of several copies of an object readers take one whose frame has the right
// checksum. Salvage copies the sound frames of a damaged pack to a new one,
// found by the index or, where that is damaged, one behind the other; those
// that no index names are decoded first. What is lost comes from another copy
// of the engagement through the Writer of Mend, which stores what the store
// seems to have already: in forms without a base, so that every difference
// finds it below itself.
package pack
