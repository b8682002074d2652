// Package docx compares and merges documents (docx, docm) by paragraph, table
// cell and word. It is pure: bytes in, bytes out.
//
// Reading order: [Verify] for what a program would refuse in a document, with
// the order of elements ([insertOrdered]) that it and the writer share.
//
// beevik/etree holds the parts as trees, as merge/ooxml says.
package docx
