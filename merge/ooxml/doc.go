// Package ooxml takes Office packages apart and puts them together: the zip
// file, its parts, content types and relationships (ECMA-376, part 2). It is
// what workbooks and documents share, and it is pure: bytes in, bytes out.
//
// Reading order: [Open] and [Package]; [Rels] for what leads where; [Scanner]
// for a part's tokens and [Parse] for its tree; [Canon] and [Deep] for what a
// part means, whatever its pieces are called; [Package.Verify] for what a
// program would refuse.
//
// # Promises
//
// Whatever the bytes are, nothing panics, and memory stays within a fixed
// multiple of the file: the limits hold before anything is allocated. What is
// broken, encrypted, or past a limit is [ErrUnfit]. [Package.Write] copies
// members that were not touched byte for byte as they stand in the file, and
// writes the others so that equal changes give equal bytes.
//
//	what                         limit
//	members                      10,000, names unique whatever their case, none outside of the package
//	unpacked                     128 MiB, and 120 times the file past 4 MiB
//	packed members together      the file: members that share bytes are refused
//	packing                      none or deflate, lengths and checksums right
//	XML                          UTF-8, no document type, no entities but the five, 256 elements deep
//
// beevik/etree is the tree: it keeps prefixes, order and comments, which
// encoding/xml does not. The scanner is our own because a sheet has a million
// cells, and trees of them would take ten times the memory; it is also the
// gate ahead of etree, which takes document types.
package ooxml
