// Package xlsx compares and merges workbooks (xlsx, xlsm) cell by cell. It is
// pure: bytes in, bytes out.
//
// Reading order: [Diff] with [Change]; [Merge] with [Result] and [Place];
// [Verify]. Behind them stand the reader ([openBook]), which turns the numbers
// that a workbook is full of into what they stand for, because every save
// gives them out anew; the plan, which finds the sheets that belong together;
// the merger, which decides; the writer, which writes; and the prover, which
// reads the result again. What a formula says is the matter of package formulas.
//
// # Promises
//
// The result depends on the three workbooks alone. With the sides swapped the
// bytes are the same and the conflicts mirrored; with one side unchanged the
// result is the other side, byte for byte. A result is one side's package with
// the other's changes put into it: parts that nothing was put into keep their
// bytes, and lists that others count in (strings, formats) only grow. Before
// it is handed out the result is verified and read again, and every cell, row,
// column and block of it compared with what was decided; a difference, like
// anything that is not understood, is [ErrUnmergeable]: the caller keeps both
// sides. Unsure is a conflict.
//
// # What is compared
//
//	cell            value or formula, and format, apart from each other
//	row, column     height or width that somebody set, hidden, outline, format
//	lists           merged cells, conditional formats, validations, links, page
//	                breaks, comments, tables, pictures and charts, names: by item
//	other elements  whole
//	parts           whole, by what they mean and lead to: macros, theme, links
//	                to other workbooks, custom data, the sensitivity label
//	sheets          added, deleted, renamed, reordered, hidden
//
// No changes are: the numbering and order of strings and formats, the order of
// calculation, stored results of formulas, times in the properties, cursor and
// window, the settings of a printer, and the IDs that programs give to
// revisions. How one looks at a sheet (zoom, frozen panes) is taken from the
// side that changed it and never a conflict.
//
// # Rows and columns
//
// Rows and columns that a side put in or took out, rows that it sorted, and
// sheets that it renamed are found by what stands in them ([detect]), and done
// to the other versions as well, with everything that names cells following
// ([book.reshape]), before anything is compared: as in a merge of folders, where
// renames are followed first. A change to what the other side deleted is a
// conflict, and so is what one side wrote beside a record when the other
// emptied its row or put another record there. Rows that were moved in a way
// that this does not explain are one if the other side touched the sheet or
// reads it; so are rows that nothing tells from others.
//
// Records that both sides put behind one list or table stand there one behind
// the other, and what each made reach to its end reaches to the new end. This
// is done only where the list, the records and every reference to them leave
// no doubt ([plan.tails]); else their cells are conflicts.
//
// # Formulas
//
// A formula that one side wrote and that reads what the other took away or
// called otherwise (rows, sheets, names, tables and their columns) is a conflict.
// It can only be let go.
//
// Where anything that formulas may read came from the other side, the stored
// results are taken out of the whole workbook, except of formulas that read
// other workbooks, and the program is told to compute everything when it opens
// it. A reader that only believes stored results finds none rather than a
// wrong one.
//
// # What is kept apart
//
// Two sides that both changed what cannot be carried from one workbook to
// another (pivot tables, slicers, controls and embedded objects, chart sheets,
// connections) are ErrUnmergeable; one of them may have. Workbooks in the
// strict dialect, in binary form, encrypted, or shared in the old way are too.
//
// beevik/etree holds the parts as trees; rows and cells are read by the
// scanner of merge/ooxml, since trees of a million cells would not fit.
// excelize is the second reader of the tests and writes nothing here: it drops
// what it does not know.
package xlsx
