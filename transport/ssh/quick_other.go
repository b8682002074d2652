//go:build !linux

package ssh

import "net"

// ackAtOnce does nothing where the system has no such switch.
func ackAtOnce(net.Conn) {}
