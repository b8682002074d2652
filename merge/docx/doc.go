// Package docx compares and merges documents (docx, docm) by paragraph, by cell
// of a table, and by word. It is pure: bytes in, bytes out.
//
// Reading order: [Diff]; [Merge] with [Result] and [Place]; [Verify]. Behind
// them stand the reader ([open], [node], [paragraph]), which turns what programs
// number anew at every save into what it stands for; [match], which finds what
// belongs together; the merger, which decides; the writer, which writes; and
// the prover, which reads the result again.
//
// # Promises
//
// The result depends on the three documents alone. With the sides swapped the
// bytes are the same and the conflicts mirrored; with one side unchanged the
// result is the other side, byte for byte. A result is one side's package, the
// one in which more was changed, with the other's changes put into it: parts
// that nothing was put into keep their bytes. Before it is handed out the result
// is verified and read again: it breaks no rule more often than its sides do,
// and every paragraph, style, list and part of it is what was decided. A
// difference, like anything that is not understood, is [ErrUnmergeable]: the
// caller keeps both sides. Unsure is a conflict.
//
// # What is compared
//
//	paragraph    its words, the format of each, links and tracked changes around
//	             them, bookmarks and comments, its own format: each apart
//	table        its layout, rows, cells, and what is in a cell
//	control      a content control's properties, and what is in it
//	section      each of its properties
//	header       and footer: as a text of its own, where both sides have it in
//	             the place that it has in the base; else as a part of its section
//	note         a footnote or endnote: by what it says, where it is referred to
//	comment      by who made it, when, what it says, and what it answers
//	style        by property, known by its name; default formats
//	list         what it looks like, as a whole
//	settings     and the document's properties: each for itself, a label of
//	             protection as a whole
//	background   of the pages, as a whole
//	parts        whole, by what they mean and lead to: macros, theme, custom data
//
// No changes are: how runs are cut, revision numbers (rsid), IDs of paragraphs,
// comments, notes, lists, pictures and bookmarks, marks of the spelling checker,
// languages, page breaks that a program computed, the bookmark where the cursor
// was, results of fields that a program computes, and tables of contents.
//
// # Which paragraph is which
//
// Paragraphs, tables, rows and cells are found by their words ([match]): equal
// ones in order, then between them the most alike, or what has the same
// paragraph ID; long texts also where they stand elsewhere. What both sides put
// in at one place stands there twice, one behind the other, unless it is the
// same. Where both took out the same and put in something, it is a conflict, and
// so are cells that one side merged and the other wrote into.
//
// # Words
//
// A paragraph that both changed is merged by words, by the rules of package
// align, and only where two whole words of a sentence stand between the changes
// of the two, or one and the sentence's end: a sentence is soon a wrong one. A
// number is one word, spaces between its thousands too, and so is what a hyphen
// or a note stands in. A new word gets the format that the other side gave to the
// words around it. What one side changed in a word's format, and the other took
// out, is a conflict, unless the words around have it as well.
//
// # Other programs
//
// A program that did not make the document writes all its formats anew when it
// saves. A side in which most paragraphs have another format and the same words
// is taken as such: there a format alone is no edit that the deletion of a
// paragraph would lose.
//
// # What is kept apart
//
// Encrypted and signed documents, those in the strict dialect, and those that
// are broken are ErrUnmergeable, and so are two of which one has macros and the
// other has not. Charts, pictures, text boxes and formulas are things in the
// text that are taken whole.
//
// The order of elements is that of ECMA-376 part 4, wml.xsd. beevik/etree holds
// the parts as trees.
package docx
