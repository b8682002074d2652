// Package refs keeps all of a repository that changes, but for the files: the
// names that move. One append-only log of operations is the commit point of
// any set of changes, and the memory that undo needs.
//
// Reading order: [Name] and [Value], [Change] and [Operation], then [Store]
// with State, Apply and Operations; [UndoPlan] and [RedoPlan] are pure
// functions from the log to the next operation.
//
// # Promises
//
// Apply compares and swaps a whole set of names: all of them move, or none. An
// operation counts from the moment its record is whole in the log and synced;
// a crash leaves the state before or after it. Readers never wait: they read
// the log up to its last whole record. Writers are kept apart by an advisory
// lock that the system releases when its holder dies. The log only grows; a
// record is never rewritten.
//
// # Files
//
// All below the folder that is handed to [Open]:
//
//	refs/log     the operations, see below
//	refs/state   a checkpoint: the values after some operation. Advisory: when
//	             it is missing or damaged the log is replayed from its start
//	refs/lock    held by the one writer
//
// # Log, version 1
//
// Fixed-width numbers are little-endian, checks are CRC-32C. A uvarint is
// base-128 in its shortest form, a varint is zigzag coded, a string is a
// uvarint length and that many bytes.
//
//	 0  8 bytes   magic "esyncref"
//	 8  4 bytes   version, 1
//	12  4 bytes   check of the 12 bytes before
//	16  record...
//
// Record:
//
//	 0    4 bytes  magic e5 'o' 'p' 0a
//	 4    4 bytes  n, length of the body, 15 bytes to 16 MiB
//	 8    4 bytes  check of the record before; 0 in the first
//	12    4 bytes  check of bytes 4 to 12 and of the body
//	16    n bytes  body
//	16+n  4 bytes  n again, by which the log is read backwards
//
// Body, one operation:
//
//	8 bytes   sequence number: one more than that of the record before
//	varint    time, milliseconds since 1970
//	string    command      string  author      string  device
//	uvarint   sequence number of the operation that this one takes back, or 0
//	1 byte    1 when the files changed, else 0
//	32+32     only then: the trees of the files before and after, zero for none
//	uvarint   number of changes
//	change... strictly ascending by name: string name, string old, string new;
//	          old and new differ, and empty means absent
//
// A reader rejects unknown versions, names [ParseName] refuses, values over 4
// KiB or that are not text, and bytes after the end of a body.
//
// What follows the last whole record is a torn tail when it can come from a
// write that was cut off: readers ignore it and the next writer cuts it. It is
// damage ([ErrCorrupt], *[DamageError]) when a whole record follows, or when
// both ends of a record of at most one page stand and its inside is wrong, or
// when the checkpoint knows of more operations than the log has.
//
// # Checkpoint, version 1
//
//	 0  8 bytes   magic "esyncrst"
//	 8  4 bytes   version, 1
//	12  8 bytes   offset of the last record counted
//	20  8 bytes   offset behind it
//	28  8 bytes   its sequence number
//	36  4 bytes   its check
//	40  uvarint   number of names, each: string name, string value; strictly
//	              ascending by name
//	    4 bytes   check of all before
package refs
