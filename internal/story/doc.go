// Package story tells the life of an engagement with the real program, in a network of hosts (internal/netlab): an office with
// a VPN, a client's Wi-Fi, a hub on the internet, people with laptops, and a stranger. Each host has keys, settings and
// documents of its own. It is all test code, and runs where there can be such a network.
//
//	go test ./internal/story -v -run TestStory            the story, with what everybody typed and read
//	go test ./internal/story -v -run TestCuts -cuts 200   a connection that goes silent in 200 places, each way
package story
