// Package xlsx compares workbooks (xlsx, xlsm) cell by cell. It is pure: bytes
// in, values out.
//
// Reading order: [Diff] with [Change]; the reader behind it is openBook, which
// turns the numbers that a workbook is full of (of strings, formats, shared
// formulas, relationships) into what they stand for, because every save gives
// them out anew.
package xlsx
