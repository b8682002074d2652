// Package csv merges tables in text files, by row and cell, without touching a
// byte of what nobody changed. Three texts go in, one comes out.
//
// Reading order: [Merge] and [Diff]; table.go, how a text is cut into records and fields;
// columns.go and rows.go, which column and row of a side is which of the base;
// package align, where rows and columns stand in the merge; cells.go, what is
// taken from whom; replaced.go, where two rows stand for one; places.go, how
// that is told, in a book of package ruling.
//
// # What is a table
//
// Records end at line ends outside quotes, fields at a separator: the comma,
// semicolon, tab or bar that occurs most in the first record. A field that
// begins with a quote ends with one, and quotes inside are doubled. Fields are
// compared by what they mean, so that a program which quotes differently
// changes nothing, and are written with the bytes that some version has.
//
// # What is the same row
//
// Columns are known by their names in the first record when these are all
// different words, else by their place; a new name stands for an old one that is
// gone when at least half of the column holds what the old one held. Rows are known by a column whose values
// are all different in each version, where there is one; or, when that makes
// more of the rows alike, by the order they stand in, first those that are the
// same as a whole and then those that are the same but for some cells, and at last
// those that a side has put elsewhere as they were. The latter holds for a column of running numbers, all of which change when a row
// is put in.
//
// # What is a conflict
//
// A cell changed in two ways, a row or column that one side deleted and the
// other changed, two new rows of one key, rows put into two other orders; and,
// where there is no key, rows in whose place either side put others. Rows that both
// sides add at one place are all taken, ours first.
package csv
