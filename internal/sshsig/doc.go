// Package sshsig signs with the keys of SSH and says who signed: the format of OpenSSH's "ssh-keygen -Y sign", so that stock
// "ssh-keygen -Y verify" checks what esync signed.
//
// Reading order: [Signer] with [New] and [FromSeed], [Verify], then [Armor] for files that people see.
//
// # Format
//
// PROTOCOL.sshsig of OpenSSH; string is a 4-byte big-endian length and that many bytes:
//
//	 6 bytes  "SSHSIG"
//	 4 bytes  version, 1
//	string    public key, as SSH writes it
//	string    namespace: what the signature is for ("commit@esync"), so that one can't pass for another
//	string    reserved, empty
//	string    hash of the message: "sha512"
//	string    signature, as SSH writes it, over "SSHSIG", namespace, reserved, hash's name and hash as strings
//
// A reader rejects what is longer than [MaxSignature], another hash than sha512, a reserved part that is not empty, and
// whatever the encoder would have written otherwise: a signature has one form.
//
// The format is the work of github.com/hiddeco/sshsig, a small module that follows OpenSSH's own test vectors; this package
// is its home, adds the limits above, and keeps golang.org/x/crypto/ssh out of those who only sign and verify.
package sshsig
