//go:build race

package ssh

// slowed: the race detector makes everything ten times slower.
const slowed = true
