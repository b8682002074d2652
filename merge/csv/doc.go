// Package csv merges tables in text files, by row and cell, without touching a
// byte of what nobody changed. Three texts go in, one comes out.
//
// Reading order: [Merge] and [Diff]; table.go, how a text is cut into records and fields;
// header.go, where the names of the columns stand; columns.go and rows.go, which
// column and row of a side is which of the base; package align, where rows and
// columns stand in the merge; cells.go, what is taken from whom; replaced.go and
// twice.go, where two rows may be one; places.go, how that is told, in a book of
// package ruling.
//
// # What is a table
//
// Records end at line ends outside quotes, fields at a separator: the tab,
// semicolon, bar or comma by which most records have one number of fields. A field that
// begins with a quote ends with one, and quotes inside are doubled. Fields are
// compared by what they mean, so that a program which quotes differently
// changes nothing, and are written with the bytes that some version has. When a
// side changed the line ends of all records, the merge has those.
//
// # What is the same row
//
// Columns are known by their names when some record, in front of which only
// titles stand, has all different words, else by their place; a new name stands for an
// old one that is gone when at least half of what the column holds is what the old one held.
// Rows are known by a column whose values are all different in each version, where
// there is one, and rows that have nothing there, such as totals, by their order; or, when
// that makes more of the rows alike, all are known by the order they stand in, such that
// as many cells as possible are the same, and at last those that a side has put
// elsewhere as they were. The latter holds for a column of running numbers, all of
// which change when a row is put in.
//
// # What is a conflict
//
// A cell changed in two ways, a row or column that one side deleted and the
// other changed, two new rows of one key, rows put into two other orders. Rows that both
// sides add at one place are all taken, ours first, and one that both add is taken once.
//
// And whatever depends on which row is which, where that is not sure: a row that
// one side changed and the other as well, when it might be another row just as well or, without a key,
// has little left of what it was; a row gone on both sides where one put in
// another, without a key that tells these apart; a row that both added at
// two places. A column is a key for sure where there are at least eight rows and
// another column agrees with it.
package csv
