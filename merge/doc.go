// Package merge compares and merges trees and texts. It is pure: three values
// go in, one comes out, and storage is only what it is handed.
//
// Reading order: [Trees], the three-way merge of folders, with [Result],
// [Conflict] and [Note]; [Commits], which finds the base itself; [File], the
// content of one file; [Conflict.Take], [Conflict.Decide] and [Conflict.Settle],
// what a person decides; [Changes], [Renames] and [Diff], the differences of two
// trees and of two files; [Text] and [Unified] for lines.
//
// # Promises
//
// The result of Trees depends on the trees alone. With the sides swapped it is
// the mirror image: the same conflicts with ours and theirs exchanged, and when
// there is none the same tree, but for the order of two rows that both sides
// put at one place. Commits orders the sides by the commits' IDs, so that two
// people who merge the same pair apart get the same. Only what differs is read.
// No content of a side gets lost: it is in the merged tree, merged into a file,
// or named by a conflict. When unsure, it is a conflict; no clock decides, and
// no marks are written into a file. In a conflict the tree has our side.
//
// # Files
//
// What one side changed is taken, what both changed alike is taken once, with
// the later of the two times; an empty file that one side added gives way to the
// one of that name that the other added. Files that both changed are merged by
// their content, and the result is taken only when its own program can read it:
//
//	ending                merged by           in package
//	.xlsx .xlsm           cell                merge/xlsx
//	.docx .docm           paragraph, cell     merge/docx
//	                      and word
//	.csv .tsv .tab        row and cell        merge/csv
//	.dbf                  record and field    merge/dbf
//	others that are text  line                here ([IsText] says what is text),
//	                                          and only when still well-formed JSON
//	                                          or XML where both sides were, with no
//	                                          name twice in JSON or settings
//
// Nothing is merged to a text with letters in two encodings.
//
// Everything else that both changed is a conflict. A table of dBASE is one with
// its memo file and its indexes, which have the same name: both sides' work is
// merged, the texts of the memo file as well, or all of it is one conflict. With an index, which only its own program
// can bring in step, it is one; a person may have the records joined and make the
// index anew. Names that some system holds for one are
// a conflict as well.
//
// # Renames
//
// A change to a file follows it when the other side renamed it, and what one
// side puts into a folder that the other renamed goes into the renamed folder;
// both are told by a Note. This is done by renaming on the other side, and in
// the base, before a plain three-way merge, so the table of that merge knows
// nothing of renames.
//
// What counts as renamed is what git's merge-ort says, and a test compares the
// two on hundreds of merges. Only a file that is gone can have been renamed, to
// a path that is new: first where the content is the same, then where a name
// occurs once and three quarters of the content are the same, then whatever is
// most alike and at least half. A folder was renamed when it is gone, to where
// most of its files went. Renames are looked for only when a file was deleted
// on one side and changed on the other, or something was added to a folder that
// is gone: the insight of merge-ort, that renames matter only there. Two things
// are other than in git. Workbooks and other files that are compressed folders
// are compared by what is in them, unpacked. A new folder goes along with the
// renamed folder that it was put into, where nothing is in its way; git leaves it
// behind.
//
// # Conflicts that stay open
//
// A conflict is a value that a commit carries in its header, until a commit
// without it decides it. Commits merges such values like any other: decided on
// one side since the base, it is decided; the newer version of a file that is
// in conflict takes the place of the older one; decided on both sides in two
// ways, it is a conflict again. [Refresh] keeps such a value up to date while
// somebody goes on working on his version of the file; who decided meanwhile for
// that version has decided for what became of it, and who decided otherwise is
// asked about the newer one. Lines that were merged crosswise have several
// bases, and the base is then their merge, with its conflicts as such values.
// Git writes those conflicts into the base as text, where they may be taken for
// somebody's work.
//
// # Lines
//
// Texts are compared and merged by lines, in package merge/align, as git does
// it; a test compares thousands of merges with git's own. What stands for no
// character and may change for a whole text at once is merged by itself: the
// encoding, told by the mark at the beginning, and the line ends where all are
// of one kind.
//
// # Conflicts, versions 1 and 2
//
// The list of conflicts that a commit carries is a text of lines:
//
//	esync conflicts VERSION
//	KIND "PATH"
//	<tab>base MODE ID SIZE MILLISECONDS "PATH"
//	<tab>ours MODE ID SIZE MILLISECONDS "PATH"
//	<tab>theirs MODE ID SIZE MILLISECONDS "PATH"
//	<tab>also "PATH"
//	<tab><tab>base, ours, theirs, as above, without a path
//	<tab>place TAKE "WHERE" "BASE" "OURS" "THEIRS"
//	<tab>reason "TEXT"
//
// KIND is changed, added, deleted, folder, mode, renamed or clash; in version 2
// also renamed-deleted, collided or folder-renamed. MODE is file, executable or
// folder; TAKE is undecided, ours or theirs; texts are quoted as Go quotes
// strings. The lines of sides that have nothing are left out, and so is a
// side's path when it is that of the conflict. Version 1 has no path of a base
// and no lines but those of the three sides; a list that it can hold is written
// in it. Conflicts ascend by path, then by kind, at most 100,000 in at most
// 60 MiB; files under also ascend by path, at most 100; places have names of
// their own, at most 1,000. A reader rejects whatever differs from what it would
// write itself.
//
// # What was joined, version 1
//
// A merge commit lists for people the files that it put together from both
// sides, and what only one side had changed in them:
//
//	esync joined 1
//	"PATH"
//	<tab>SIDE "WHERE" "BEFORE" "AFTER"
//	<tab>SIDE COUNT more
//	more COUNT
//
// SIDE is ours or theirs, in the order of the commits' IDs. At most 50 places of
// a side are listed of one file, and 1,000 files; the rest is counted.
package merge
