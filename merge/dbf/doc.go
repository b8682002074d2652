// Package dbf merges tables of dBASE, Clipper and FoxPro record by record and
// field by field. It is pure: bytes in, bytes out.
//
// Reading order: [Merge] and [Diff]; table.go, the format; fields.go, which field of a side
// is which; which.go, the same for records; records.go, what is decided and written;
// memo.go, the texts beside a table.
//
// # The format
//
//	bytes  what
//	0      version: 03 83 8B F5 FB 02 30 31 32 43 63 CB, and 8C and 04 of dBASE 7, which is not read
//	1..3   date of the last change: years since 1900, month, day
//	4..7   number of records
//	8..9   length of the header
//	10..11 length of a record
//	15     not 0: encrypted
//	28     bit 0: has an index that is kept up to date; bit 1: has a memo file
//	32..   fields of 32 bytes: name (11, ended by NUL), type, 4 bytes, length, decimals, flags, 13 bytes
//	       0D, and what FoxPro keeps behind it up to the header's length
//	       the records: a blank, or * when marked as deleted, and the fields
//	       1A, or nothing
//
// Numbers are little-endian. All of it must agree, to the last byte of the file,
// else the table is not merged.
//
// # What is merged
//
// A record is known by its number, as programs know it, unless more fields are
// alike when a side's records are paired by a key or their order: then somebody
// packed or sorted the table. The mark of deletion is a field. Records that both
// sides append are all taken, ours first. The date is the later one. Fields that one
// side added, removed or widened are so in the merge; on both sides that is a
// conflict, and so is a record that one side changed and that may be another one just as
// well on the other side.
//
// Memo fields hold the places of texts in a file beside the table, which is one of
//
//	dBASE III    blocks of 512 bytes; a text ends with 1A; number of the next block at 0
//	dBASE IV     block length at 20; a text has FF FF 08 00 and its length with these 8 bytes in front
//	FoxPro       all of it with the greatest byte first: next block at 0, block length at 6;
//	             a text has its type and its length in front, of 4 bytes each
//
// Texts are compared by what they say, wherever they stand. The merge has the file
// of the side that changed it, or the one that is less of the two, with the texts of
// the other side behind. When a file does not end where it says, or has not what a
// record names, it is taken whole from the one side that changed it, if any; the
// other side's records may then not point into it anew.
package dbf
