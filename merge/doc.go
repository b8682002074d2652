// Package merge compares and merges trees and texts. It is pure: three values
// go in, one comes out, and storage is only what it is handed.
//
// Reading order: [Trees], the three-way merge of folders, with [Result],
// [Conflict] and [Note]; [Commits], which finds the base itself; [Changes] and
// [Renames], the differences of two trees; [Text] and [Unified] for lines.
//
// # Promises
//
// The result depends on the trees alone. With the sides swapped it is the
// mirror image: the same conflicts with ours and theirs exchanged, and when
// there is none the same tree. Only what differs is read. No content of a side
// gets lost: it is in the merged tree, merged into a text, or named by a
// conflict. When unsure, it is a conflict; no clock decides, and no marks are
// written into a file. In a conflict the tree has our side.
//
// # Files
//
// What one side changed is taken, what both changed alike is taken once, with
// the later of the two times. Texts that both changed are merged by lines
// ([IsText] says what is text), and the result is taken only when it is still
// well-formed JSON or XML where both sides were. Everything else that both
// changed is a conflict. Names that some system holds for one are a conflict
// as well.
//
// A file that one side renamed without editing it takes the other's changes
// along, and what one side puts into a folder that the other renamed goes into
// the renamed folder; both are told by a Note. This is done by renaming on the
// other side, and in the base, before a plain three-way merge, so the table of
// that merge knows nothing of renames. Renames are looked for only when a file
// was deleted on one side and changed on the other, or something was added to
// a folder that is gone: the insight of git's merge-ort, that renames matter
// only there.
//
// # Lines
//
// Texts are compared and merged by lines, in package merge/align, as git does
// it; a test compares thousands of merges with git's own. What stands for no
// character and may change for a whole text at once is merged by itself: the
// encoding, told by the mark at the beginning, and the line ends where all are
// of one kind.
//
// # Conflicts, version 1
//
// The list of conflicts that a commit carries is a text of lines:
//
//	esync conflicts 1
//	KIND "PATH"
//	<tab>base MODE ID SIZE MILLISECONDS
//	<tab>ours MODE ID SIZE MILLISECONDS
//	<tab>theirs MODE ID SIZE MILLISECONDS "PATH"
//
// KIND is changed, added, deleted, folder, mode, renamed or clash; MODE is
// file, executable or folder; paths are quoted as Go quotes strings. The lines
// of sides that have nothing are left out, and so is a side's path when it is
// that of the conflict. Conflicts ascend by path, then by kind, at most
// 100,000 in at most 60 MiB. A reader rejects whatever differs from what it
// would write itself.
package merge
