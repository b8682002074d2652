// Package objects has the nouns of an engagement's history and the one
// encoding of each: blobs, trees and commits, and the IDs that name them.
//
// Reading order: [ID], [Kind], [Entry] and [Tree], [Commit], then [Source] and
// [Sink], through which all other packages see storage. [CheckName] says which
// names may stand in a tree on any system.
//
// # Identity
//
// A blob's ID is BLAKE3-256 of its bytes and nothing else, so that b3sum
// prints it. Trees and commits are hashed in BLAKE3's derive-key mode, each
// kind under a context string of its own (see [Sum]), so no object can pose as
// one of another kind. An ID never depends on how the bytes are stored.
// BLAKE3 is specified in O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3:
// one function, fast everywhere", 2020; the implementation is
// github.com/zeebo/blake3, which has the SIMD paths.
//
// # Encodings
//
// An object has one encoding: a decoder accepts exactly what the encoder
// makes, byte for byte, and anything else is [ErrMalformed]. Numbers are
// little-endian base-128 (encoding/binary's uvarint, in the shortest form);
// signed numbers are zigzag coded (varint). A string is a uvarint length and
// that many bytes.
//
// Tree, version 1:
//
//	1 byte    version, 1
//	uvarint   number of entries
//	entry...  strictly ascending by the bytes of the name:
//	  1 byte    mode: 1 file, 2 executable file, 3 folder
//	  string    name: 1 to 255 bytes, see CheckName
//	  32 bytes  ID of the blob or tree
//	  uvarint   size in bytes; of a folder: the sum of all files below
//	  varint    last change of the content, milliseconds since 1970; 0 for a folder
//
// Commit, version 1:
//
//	1 byte    version, 1
//	32 bytes  ID of the tree
//	uvarint   number of parents, at most 16
//	32 bytes  ID of each parent
//	uvarint   generation: 1 + the greatest of the parents', 1 without parents
//	string    author's name        string  author's mail address
//	string    device
//	varint    time, milliseconds since 1970
//	varint    zone, minutes east of UTC, -1080 to 1080
//	string    message
//	uvarint   number of headers, at most 64
//	header... strictly ascending by the bytes of the key: string key, string value
//	string    signature (SSHSIG over all bytes before it), empty when unsigned
//
// Limits: a tree or commit takes at most [MaxMeta] bytes. A reader must reject
// unknown versions, counts greater than the bytes that are left could hold,
// names CheckName refuses, and bytes after the end. Unknown headers are kept.
package objects
