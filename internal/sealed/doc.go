// Package sealed encrypts a file for the holders of ssh-ed25519 keys, so that
// a stick that is lost on the way tells nobody anything.
//
// [Writer] encrypts a stream for any number of keys, [Open] gives one of their
// holders the content back, from any place in it, without a second copy on
// disk. Both need constant memory. What was changed on the way does not open,
// or ends in an error where it was changed.
//
// The form is that of filippo.io/age (age-encryption.org/v1, recipients of type
// ssh-ed25519), which is specified, reviewed, and read by programs that are not
// ours: age -d -i id_ed25519 opens such a file too. Its header shows four bytes
// of the hash of each key, and nothing else.
package sealed
