//go:build !windows

package ssh

import "syscall"

// The system's numbers for what can be in the way.
var (
	numbersRefused = []syscall.Errno{syscall.ECONNREFUSED}
	numbersNoRoute = []syscall.Errno{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.EADDRNOTAVAIL}
	numbersSilent  = []syscall.Errno{syscall.ETIMEDOUT}
	numbersReset   = []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED}
)

const errnoNoHost = syscall.EHOSTUNREACH
