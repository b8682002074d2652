//go:build unix

package worktree

import (
	"os"
	"syscall"
)

// readOnly opens a file for reading and does not wait for a writer, should a
// pipe have taken the place of the file.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

// heldErrors are what the system says of a file that another program holds.
var heldErrors = []error{syscall.EBUSY, syscall.ETXTBSY, syscall.ESTALE}
