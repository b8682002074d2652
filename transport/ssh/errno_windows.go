package ssh

import "syscall"

// The system's numbers for what can be in the way: those of Winsock, which package syscall does not name.
var (
	numbersRefused = []syscall.Errno{10061}
	numbersNoRoute = []syscall.Errno{10065, 10051, 10050, 10064, 10049}
	numbersSilent  = []syscall.Errno{10060}
	numbersReset   = []syscall.Errno{10054, 10053, 10058}
)

const errnoNoHost = syscall.Errno(10065)
