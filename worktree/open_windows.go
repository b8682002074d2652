package worktree

import (
	"os"
	"syscall"
)

const readOnly = os.O_RDONLY

// heldErrors are what the system says of a file that another program holds:
// ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION.
var heldErrors = []error{syscall.Errno(32), syscall.Errno(33)}
