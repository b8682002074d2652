// Package worktree joins the user's folder and the trees of the store: it
// finds what the user changed, records it, and brings the files from one tree
// to another without ever touching what he has not recorded yet.
//
// Reading order: [Worktree] and [Open]; [Worktree.Scan], [Change] and [Note];
// [Worktree.Record] and [Worktree.Commit]; [Worktree.Plan] and
// [Worktree.Apply]; [Worktree.Pending].
//
// # Promises
//
//   - A scan of files nobody touched opens none of them, and no object either:
//     it reads the stat cache and asks the system for the stat data of the
//     files, folder by folder, all processors at once.
//   - A file is recorded as it stood at one moment: stat, read, stat; one that
//     moved is read again and then left as the base has it. The files of a
//     database table (DBF, CDX, FPT, ...) are recorded together or not at all.
//   - A document that is missing only because Excel or Word is saving it is
//     busy and not deleted.
//   - A file with other content than the plan starts from is never replaced or
//     removed, nor is one that is open: it waits, and [Applied].Tree tells the
//     tree in which it still stands as it was. A file is looked at once more
//     right before it is replaced.
//   - Nothing is read or written through symbolic links: every folder is held
//     by handle, and the name that led to it must be the folder itself.
//   - A crash leaves every file whole, old or new, and [Worktree.Pending] says
//     that a plan did not come to its end. Whoever finds one pending applies a
//     plan from the same tree before he records anything.
//
// What is not recorded: symbolic links, devices, pipes and sockets (noted);
// what .esyncignore says, in the language of gitignore, in any folder; and, as
// long as no rule keeps them, owner files, locks and temporary files of
// Office, LibreOffice and CaseWare and the litter of file managers. What the
// base has stays in it, whatever the rules say.
//
// Ignore rules are matched by this package and not by a glob library, because
// the habits of gitignore (classes, escapes, "**" only as a whole segment) are
// just what those leave out; the tests ask git the same questions.
// golang.org/x/sync/errgroup shares out work and brings back the first error.
//
// # The stat cache
//
// The file "cache" in the state folder is the base tree, flattened, with the
// stat data under which each file was last seen to hold its content. It is
// advisory: missing, damaged or of another base, it is made again from the
// trees, keeping what it knows of the same content in the same place, and
// files it knows nothing of are read. It is written after the base is durable
// and is itself not synced. All numbers are little-endian.
//
//	 8 bytes  "ESYNCWC" and the version, 1
//	32 bytes  ID of the root tree, zero if there is none yet
//	 8 bytes  where the root folder's block begins
//	block...  one for each folder: first those of all folders below, in the
//	          order of their names and without gaps, then its own
//	 4 bytes  CRC-32C of all bytes before
//
// A block:
//
//	 4 bytes  number of records
//	 4 bytes  length of the records in bytes
//	 8 bytes  length of the blocks of all folders below, which stand directly
//	          before this one
//	record... strictly ascending by the bytes of the name:
//	    1 byte   mode: 1 file, 2 executable file, 3 folder
//	    1 byte   flags: 1 the stat data stands for the content
//	    2 bytes  length of the name, 1 to 255
//	   32 bytes  ID of the blob or tree
//	    8 bytes  size, of a folder the sum of all files below
//	    8 bytes  of a folder: how far its block begins before this block
//	             of a file: time of the content, milliseconds since 1970
//	    8 bytes  files only: time of change of the file, nanoseconds since 1970
//	    8 bytes  files only: time of change of its stat data, 0 unknown
//	    8 bytes  files only: inode, 0 unknown
//	    the name
//
// A branch of folders is one run of bytes and holds no absolute place, so an
// unchanged one is copied as it is. A reader must reject another magic or
// version, a wrong checksum, unknown modes, sizes below zero, names out of
// order, blocks that leave gaps or overlap, bytes left over, and more than 256
// folders below each other. Flags it does not know it ignores.
//
// A file whose time of change is not before the moment the file system's own
// clock showed when reading began gets no flag: it may be changed once more
// without its stat data showing that, so the next scan reads it again.
//
// # The journal
//
// The file "apply" in the state folder is there from before the first file
// changes until the cache stands for the new state. It is synced.
//
//	 8 bytes  "ESYNCAP" and the version, 1
//	32 bytes  ID of the tree planned from
//	32 bytes  ID of the tree planned for
//	 4 bytes  CRC-32C of all bytes before
//
// New content waits beside its file as ".esync-tmp-" and 16 hexadecimal
// digits. Scans pass such files over, and the next plan removes them.
package worktree
