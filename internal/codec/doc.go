// Package codec reads and writes the fields that this project's formats and
// messages are made of: bytes, numbers as uvarints in their shortest form
// (encoding/binary), and strings behind their length. Bytes from anywhere may
// be given to it.
package codec
