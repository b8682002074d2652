package merge

import (
	"bytes"
	"hash/maphash"

	"github.com/esync/esync/objects"
)

// fullScore is the similarity of equal files.
const fullScore = 60_000

// maxChunk is the length at which a chunk ends that no line feed ends before.
const maxChunk = 64

// signature is a file's content as a bag of chunks: by hash, how many bytes.
type signature struct {
	chunks map[uint64]int64
	size   int64
}

// likeness compares the content of files. It reads each once, and stops when
// the whole has become too much: the pairs that are left have nothing in common
// then. It is asked in an order that depends on the trees alone.
type likeness struct {
	*space
	seed  maphash.Seed
	known map[objects.ID]*signature
	left  int64 // bytes that may yet be read
}

// maxCompared bounds what is read to find the renames of one side.
const maxCompared = 1 << 30

func newLikeness(s *space) *likeness {
	return &likeness{space: s, seed: maphash.MakeSeed(), known: map[objects.ID]*signature{}, left: maxCompared}
}

// score tells how alike two files are: the bytes of a that are found in b,
// against the larger of the two. It is 0 when that is below least for sure.
func (l *likeness) score(a, b *objects.Entry, least int64) (int64, error) {
	if a.Size == 0 || b.Size == 0 || a.Size > objects.MaxWhole || b.Size > objects.MaxWhole {
		return 0, nil
	}
	if !mayBeAlike(a.Size, b.Size, least) && !(l.isContainer(a) && l.isContainer(b)) {
		return 0, nil
	}
	x, err := l.signature(a)
	if err != nil || x == nil {
		return 0, err
	}
	y, err := l.signature(b)
	if err != nil || y == nil {
		return 0, err
	}
	if !mayBeAlike(x.size, y.size, least) {
		return 0, nil
	}
	if len(y.chunks) < len(x.chunks) {
		x, y = y, x
	}
	var common int64
	for h, n := range x.chunks {
		common += min(n, y.chunks[h])
	}
	return common * fullScore / max(x.size, y.size), nil
}

// mayBeAlike tells whether files of such sizes can reach a score at all.
func mayBeAlike(a, b, least int64) bool {
	small, large := min(a, b), max(a, b)
	return large*(fullScore-least) >= (large-small)*fullScore
}

// isContainer guesses by name; signature looks.
func (l *likeness) isContainer(e *objects.Entry) bool { return containerName(e.Name) }

// signature is nil for a file that there is no budget for.
func (l *likeness) signature(e *objects.Entry) (*signature, error) {
	if s, ok := l.known[e.ID]; ok {
		return s, nil
	}
	if l.left < e.Size {
		l.known[e.ID] = nil
		return nil, nil
	}
	l.left -= e.Size
	content, err := l.blob(e.ID)
	if err != nil {
		return nil, err
	}
	s := &signature{chunks: map[uint64]int64{}}
	if !l.parts(s, content) {
		s.size = int64(len(content))
		if bytes.IndexByte(content[:min(len(content), 8000)], 0) < 0 {
			// Of a text, the carriage return of a line's end does not count.
			content = bytes.ReplaceAll(content, crlf, newline)
		}
		l.chunk(s, content, maxChunk, newline)
	}
	l.known[e.ID] = s
	return s, nil
}

// chunk cuts content behind every one of the bytes that end something, and
// where there is none for long. What is left at the end counts as well, as in git
// since version 2.44.
func (l *likeness) chunk(s *signature, content []byte, longest int, ends []byte) {
	for len(content) > 0 {
		n := min(longest, len(content))
		for _, c := range ends {
			if i := bytes.IndexByte(content[:n], c); i >= 0 {
				n = i + 1
			}
		}
		s.chunks[maphash.Bytes(l.seed, content[:n])] += int64(n)
		content = content[n:]
	}
}
