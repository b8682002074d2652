// Command demo tells the story of an engagement with the real program, on real documents, over SSH on this machine: the office
// and two of its people, each with keys and settings of their own in one temporary folder. It shows what each types and what
// esync says, checks every exit code, and compares all copies by hashes. It ends with an error when anything is not as it
// should be, and leaves no process and no file behind.
//
//	go run ./internal/demo -esync build/esync
package main
