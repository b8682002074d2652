package objects

import "github.com/esync/esync/internal/codec"

// MaxMeta is the greatest length of an encoded tree or commit: a folder of
// about 600,000 files. It bounds what a reader allocates for one object.
const MaxMeta = 64 << 20

func newDecoder(content []byte) codec.Decoder { return codec.NewDecoder(content, ErrMalformed) }
