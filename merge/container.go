package merge

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"slices"
)

// Limits of looking into a container, so that a small file cannot unpack into
// a large one.
const (
	maxParts    = 4096
	maxUnpacked = 64 << 20
)

// maxTag is the length at which a chunk of markup ends that no tag ends before.
const maxTag = 1024

// containers are the files that are folders in truth: compressed, so that their
// bytes say nothing of what two of them have in common.
var containers = []string{".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".docx", ".docm", ".dotx", ".pptx", ".pptm", ".ods", ".odt", ".odp", ".zip", ".vsdx"}

func containerName(name string) bool {
	return slices.Contains(containers, ending(name))
}

// parts adds the content of a container's parts to a signature, unpacked. It
// reports false for what is no sound container.
func (l *likeness) parts(s *signature, content []byte) bool {
	if !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(z.File) > maxParts {
		return false
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	found := signature{chunks: map[uint64]int64{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return false
		}
		part, err := io.ReadAll(io.LimitReader(r, maxUnpacked-found.size+1))
		if err != nil || r.Close() != nil {
			return false
		}
		if found.size += int64(len(part)); found.size > maxUnpacked || found.size > l.left {
			return false
		}
		if bytes.HasPrefix(bytes.TrimPrefix(part, []byte("\xef\xbb\xbf")), []byte("<")) {
			l.chunk(&found, part, maxTag, []byte("\n>"))
		} else {
			l.chunk(&found, part, maxChunk, newline)
		}
	}
	l.left -= found.size
	*s = found
	return true
}
