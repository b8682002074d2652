// Package repo is one copy of an engagement: the layout of its .esync folder,
// the lock, and a method for each verb. Methods return values and never print.
//
// Reading order: [Env], [Repo] with [Init], [Open] and [Clone], then a file a
// verb: status.go, commit.go, sync.go and so on. [Host] is the serving side.
//
// # Layout
//
//	.esync/format    "esync repository 1\n": a reader refuses other versions
//	.esync/objects/  packs (objects/pack)
//	.esync/refs/     the log of all names and settings (refs)
//	.esync/cache     stat cache of the files (worktree)
//	.esync/lock      held by the process that changes files or names
//	.esync/seen      when each peer was last reached; advisory
//
// # Names
//
//	heads/LINE            the newest commit of a line, as everybody sees it
//	tags/NAME             a tag
//	remotes/PEER/LINE     what PEER had when it was last reached
//	work/base             the commit that the files stand on
//	work/line             the current line
//	config/...            engagement, name, bare, parent, remote/PEER
//
// The files are always work/base plus what the user changed since. A line can
// be ahead of work/base: a colleague pushed into this copy while its owner had
// edits on the same papers. Such commits are "incoming", and the next pull or
// sync merges them.
//
// # Order of writes
//
// Objects are durable before a name points at them. Files are changed before
// work/base moves: a crash in between leaves files that already are what the
// next run wants, and that run recognises them by their hash. One record of
// refs is the commit point of every verb, and holds what undo needs.
package repo
