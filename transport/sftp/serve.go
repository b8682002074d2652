package sftp

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/pkg/sftp"
)

// ErrProtocol: the peer said something that is not SFTP.
var ErrProtocol = errors.New("not sftp")

// Serve shows view to the peer behind rw until that ends the session, or rw breaks. It closes rw when the peer breaks the
// protocol.
func Serve(rw io.ReadWriteCloser, view fs.FS) error {
	h := &handler{view: view}
	server := sftp.NewRequestServer(rw, sftp.Handlers{FileGet: h, FilePut: h, FileCmd: h, FileList: h})
	switch err := server.Serve(); {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil // clients hang up as they like
	case errors.Is(err, fs.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return nil
	default:
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
}
