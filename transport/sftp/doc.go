// Package sftp shows a file system to stock sftp clients, for reading only: whoever may read an engagement can look at it,
// and fetch papers, with the sftp of his system or a program such as FileZilla, without esync.
//
// Serve holds one session over the stream of an SSH subsystem. What is shown is an fs.FS; nothing of the machine's own
// files, owners or paths is ever seen, and links are left out.
//
//	listing, attributes, reading     as the fs.FS says; modes without the bits for writing; owner and group "-"
//	writing, creating, removing,     permission denied, before anything is looked at
//	renaming, attributes, links
//	errors                           those of the protocol by number; their words are fixed
//	open files and folders           16 of a session
//	packets                          256 KiB coming in, 32 KiB of a file going out, 8 worked on at once
//
// A file must be an io.ReaderAt or an io.Seeker. It is read piece by piece as the client asks, so its size does not matter.
//
// # Names
//
// A name that could disturb a terminal or deceive its reader (control characters, marks that turn the direction of text,
// line separators, bytes that are no text) is shown with such characters as {U+202E}, and is found under that name.
//
// # Libraries
//
// github.com/pkg/sftp, because it is the only complete server side of the protocol for Go, and leaves what files are to the
// one who uses it.
package sftp
