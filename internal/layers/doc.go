// Package layers holds the shape of the module: which package may import which, where each third-party
// module lives, and how folders look. Its test reads the sources and fails with the names of both sides and the reason.
//
//	6  cmd/esync                                flags in, results out: the only code that prints, prompts or exits
//	5  repo                                     one repository: layout, lock, the verbs
//	4  transport          transport/ssh         the conversation over any byte stream | authenticated streams
//	   (transport/lan)                          announces and finds copies on one network
//	   (transport/sftp)                         a file system for stock sftp clients, read only
//	   (transport/agent)                        keeps connections between two commands of one user
//	3  worktree   merge   refs                  files <-> trees | three-way merge | names that move
//	   (merge/align  merge/ruling  merge/csv  merge/dbf  merge/ooxml  merge/formulas  merge/xlsx  merge/docx)   sequences | places and decisions | tables of text | dBASE | Office packages | formulas | workbooks | documents
//	   (worktree/notify)                        tells that files have changed
//	   (refs/roster)                            who is a member: signed settings, admissions, invitations
//	2  objects (mem  graph  pack  storetest)    nouns, encodings, IDs, stores, questions about history
//	1  internal/codec                           the fields that formats and messages are made of
//	1  internal/fsys  (internal/faultfs)        the one seam for files, and the same with faults
//	   internal/sshsig                          signatures in the format of OpenSSH
//	   internal/sealed                          files for the holders of SSH keys alone
//
// An import points down, never up, never sideways. Beside the drawing stand internal/corpus (engagements for tests and
// measurements), internal/bench and internal/demo (programs for developers), internal/soak (kills the program in tests),
// internal/netlab (networks of namespaces for tests and the bench), internal/story (the life of an engagement in one) and internal/layers,
// which no shipping package imports.
//
// Reading order: [Rules] is what is allowed, [Module] is that for esync, [Read] takes the imports from the sources, and
// [Check] compares the two; it is a pure function, so that its own test can show it a made-up module that breaks each rule.
package layers
