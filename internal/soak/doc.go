// Package soak kills the real program, at moments that a seed chooses, in the
// middle of commit, clone, pull, push and gc, and looks at what it left: the
// verifier finds nothing, nothing that was acknowledged is lost, no file of the
// user has changed, the same command works again without any manual step, and
// a clone goes on where it stopped. It is all test code.
//
//	go test ./internal/soak                                   some 60 kills
//	go test ./internal/soak -rounds 500 -seed 7 -v -timeout 0 500 kills a verb
package soak
