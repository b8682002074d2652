package objects

import "io"

// Source is where objects are read from. All methods may be called at once.
// What comes back has been verified against its ID; damage is ErrCorrupt and
// absence ErrNotFound, both inside an *ObjectError.
type Source interface {
	// Get reads a tree's or commit's encoding, or a blob of at most MaxWhole
	// bytes, whole. The caller owns the bytes.
	Get(kind Kind, id ID) ([]byte, error)
	// Blob opens a blob of any size as a stream.
	Blob(id ID) (BlobReader, error)
	// Has tells whether the object is there, without reading it.
	Has(id ID) (bool, error)
}

// MaxWhole is the largest blob that Get reads. Larger ones are streams.
const MaxWhole = 64 << 20

// BlobReader is an open blob. Each Read returns verified bytes only: of a blob
// stored in pieces every piece is checked before it is handed out, and the
// whole again at the end, where a mismatch is ErrCorrupt instead of io.EOF.
type BlobReader interface {
	io.Reader
	io.WriterTo
	io.Closer
	// Size is the length of the blob in bytes.
	Size() int64
}

// Sink is where objects are written to. All methods may be called at once.
// Nothing is certain to be durable before whoever made the Sink commits it.
type Sink interface {
	// Put stores an encoded tree or commit, or a small blob, and returns its
	// ID. The Sink does not keep content. prev names the earlier version of
	// the same thing, or is zero: a hint for storing the difference.
	Put(kind Kind, content []byte, prev ID) (ID, error)
	// PutBlob stores a blob of any size from a stream and returns its ID and
	// length. size is the expected length, or -1.
	PutBlob(r io.Reader, size int64, prev ID) (ID, int64, error)
}

// ReadTree reads and decodes a tree. The zero ID is the empty tree.
func ReadTree(src Source, id ID) (*Tree, error) {
	if id.IsZero() {
		return &Tree{}, nil
	}
	b, err := src.Get(KindTree, id)
	if err != nil {
		return nil, err
	}
	t, err := DecodeTree(b)
	if err != nil {
		return nil, &ObjectError{ID: id, Err: err}
	}
	return t, nil
}

// ReadCommit reads and decodes a commit.
func ReadCommit(src Source, id ID) (*Commit, error) {
	b, err := src.Get(KindCommit, id)
	if err != nil {
		return nil, err
	}
	c, err := DecodeCommit(b)
	if err != nil {
		return nil, &ObjectError{ID: id, Err: err}
	}
	return c, nil
}
