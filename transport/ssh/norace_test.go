//go:build !race

package ssh

const slowed = false
