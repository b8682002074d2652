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
//	.esync/peers     what is known of other copies: where they answered, when,
//	                 what they had (JSON); advisory
//	.esync/receipt   the newest word of the top-level parent (refs/roster);
//	                 advisory
//
// # Names
//
//	heads/LINE            the newest commit of a line, as everybody sees it
//	tags/NAME             a tag
//	meta/settings         the newest settings (refs/roster), and
//	meta/admit/TAG        the admissions of one inviter: shared as lines are
//	remotes/PEER/LINE     what PEER had when it was last reached; also
//	                      remotes/PEER/tags/NAME and remotes/PEER/meta/...
//	work/base             the commit that the files stand on
//	work/tree             "tree:" and a tree, while papers are in conflict: what
//	                      the files stand on in place of that commit's tree,
//	                      because this copy keeps its own version of them
//	work/line             the current line
//	config/...            engagement, name, bare, parent, remote/PEER, and
//	                      hostkey/PEER, what PEER showed at first contact, and
//	                      invite/TAG, an open invitation (JSON), never shared
//
// The files are always work/base, or work/tree, plus what the user changed since.
// A merge records the same wherever it is made: of what is in conflict, one side
// by the order of the commits' IDs. The version that a file had in a copy stays
// there until the conflict is decided, and is no change. A line can
// be ahead of work/base: a colleague pushed into this copy while its owner had
// edits on the same papers. Such commits are "incoming", and the next pull or
// sync merges them.
//
// # Who may do what
//
// The ID of an engagement is that of its first settings, which [Init] makes
// and signs. Every commit is signed by the device key of whoever made it, and
// has a header "settings": the version that he knew. Whatever arrives, by pull,
// push, clone or bundle, from a folder or a network, is inspected before it
// becomes part of the store: settings go forward only, and each new commit must
// be by one who might make it (roster.Judge); else it is transport.ErrForged
// and both copies are as they were. Names under meta/ move in the record that
// takes the rest over; undo leaves them where they are. A fork of the settings
// is refused, and ours stay.
//
// [Host] finds what a peer may do by his device key, in each engagement and at
// every request, from the settings that hold at that moment.
//
// # Order of writes
//
// Objects are durable before a name points at them. Files are changed before
// work/base moves: a crash in between leaves files that already are what the
// next run wants, and that run recognises them by their hash. One record of
// refs is the commit point of every verb, and holds what undo needs.
//
// # Ways to a peer
//
// A verb that is told no peer goes to the parent. When that is silent for
// longer than its patience, or cannot be reached, others stand in: the other
// peers that have a name here, members' copies that answer on the local
// network, then where they answered before, then hubs. Each must show exactly
// the host key that the settings have for its owner. route.go decides from
// values alone, search.go goes there.
//
// # Bundle files
//
//	15 bytes  "esync bundle 1\n"
//	rest      sealed (internal/sealed) for the device keys of all members:
//	  a bundle of package transport
//	  8 bytes   when it was made, seconds since 1970, little-endian
//	  SSHSIG    of the maker's device key, for "bundle@esync", over the 15
//	            bytes, the 32 of the bundle's seal, and those 8
//	  4 bytes   length of the SSHSIG, little-endian
//	  8 bytes   "esyncvch"
//
// A reader refuses a bundle whose maker is no member by the settings that hold
// here or travel in it, and whatever package transport refuses of a peer.
package repo
