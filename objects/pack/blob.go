package pack

import (
	"io"

	"github.com/esync/esync/objects"
)

// blob opens a blob as a stream.
func (r *resolver) blob(id objects.ID) (objects.BlobReader, error) {
	f, b, err := r.from.load(id, anyDepth)
	if err != nil {
		return nil, absence(id, err)
	}
	if f.Kind != objects.KindBlob {
		r.codec.buffers.put(b)
		return nil, absence(id, objects.ErrNotFound)
	}
	if f.Form.IsList() {
		defer r.codec.buffers.put(b)
		chunks, err := r.list(&f)
		if err != nil {
			return nil, damage(id, err)
		}
		return newListReader(r, id, &f, chunks), nil
	}
	c := content{f.payload, b}
	if f.Form != FormRaw {
		c, err = r.decode(&f)
		r.codec.buffers.put(b)
		if err != nil {
			return nil, damage(id, err)
		}
	}
	if objects.Sum(objects.KindBlob, c.b) != id {
		r.release(c)
		return nil, damage(id, errMismatch)
	}
	return &wholeReader{r: r, c: c, rest: c.b}, nil
}

// wholeReader is a blob of one frame, decoded and verified.
type wholeReader struct {
	r    *resolver
	c    content
	rest []byte
}

func (w *wholeReader) Size() int64 { return int64(len(w.c.b)) }

func (w *wholeReader) Read(p []byte) (int, error) {
	if len(w.rest) == 0 {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	n := copy(p, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

func (w *wholeReader) WriteTo(to io.Writer) (int64, error) {
	if len(w.rest) == 0 {
		return 0, nil
	}
	n, err := to.Write(w.rest)
	w.rest = w.rest[n:]
	return int64(n), err
}

func (w *wholeReader) Close() error {
	w.r.release(w.c)
	w.c, w.rest = content{}, nil
	return nil
}

// ahead is how many chunks are decoded before they are asked for.
const ahead = 2

// listReader is a blob that comes chunk by chunk.
type listReader struct {
	r      *resolver
	id     objects.ID
	size   int64
	depth  int
	chunks []chunk
	hash   *objects.Hasher
	coming []chan piece // of the first chunks, being decoded
	next   int          // first chunk that is not yet coming
	now    content
	rest   []byte
	err    error
}

// piece is a chunk, decoded and verified.
type piece struct {
	c   content
	err error
}

func newListReader(r *resolver, id objects.ID, f *frame, chunks []chunk) *listReader {
	return &listReader{r: r, id: id, size: f.Raw, depth: f.Depth, chunks: chunks, hash: objects.NewHasher(objects.KindBlob)}
}

func (l *listReader) Size() int64 { return l.size }

// fetch starts to decode chunks that will be needed soon.
func (l *listReader) fetch() {
	for len(l.coming) < ahead && l.next < len(l.chunks) {
		c, ready := &l.chunks[l.next], make(chan piece, 1)
		work := func() {
			got, err := l.r.verifiedChunk(c, l.depth)
			ready <- piece{got, err}
		}
		if len(l.coming) == 0 {
			work() // needed at once
		} else {
			go work()
		}
		l.coming = append(l.coming, ready)
		l.next++
	}
}

// advance makes the next chunk the current one. At the end the whole is
// verified.
func (l *listReader) advance() error {
	if l.err != nil {
		return l.err
	}
	l.r.release(l.now)
	l.now, l.rest = content{}, nil
	l.fetch()
	if len(l.coming) == 0 {
		l.err = io.EOF
		if l.hash.ID() != l.id {
			l.err = damage(l.id, errMismatch)
		}
		return l.err
	}
	p := <-l.coming[0]
	l.coming = l.coming[1:]
	if p.err != nil {
		l.err = damage(l.id, p.err)
		return l.err
	}
	l.now, l.rest = p.c, p.c.b
	l.fetch()
	l.hash.Write(l.rest)
	return nil
}

func (l *listReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(l.rest) == 0 {
		if err := l.advance(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func (l *listReader) WriteTo(to io.Writer) (n int64, err error) {
	for {
		if len(l.rest) > 0 {
			m, err := to.Write(l.rest)
			n += int64(m)
			l.rest = l.rest[m:]
			if err != nil {
				return n, err
			}
		}
		switch err := l.advance(); err {
		case nil:
		case io.EOF:
			return n, nil
		default:
			return n, err
		}
	}
}

func (l *listReader) Close() error {
	for _, ready := range l.coming {
		l.r.release((<-ready).c)
	}
	l.coming, l.next = nil, len(l.chunks)
	l.r.release(l.now)
	l.now, l.rest = content{}, nil
	l.err = io.ErrClosedPipe
	return nil
}

// verifiedChunk decodes a chunk and checks that it is what its name says.
func (r *resolver) verifiedChunk(c *chunk, depth int) (content, error) {
	got, err := r.chunk(c, depth)
	if err == nil && objects.Sum(objects.KindBlob, got.b) != c.id {
		r.release(got)
		return content{}, errMismatch
	}
	return got, err
}

// sameBlob tells whether the chunks make up the blob of that ID. It reads them
// all.
func (r *resolver) sameBlob(id objects.ID, chunks []chunk, depth int) error {
	hash := objects.NewHasher(objects.KindBlob)
	for i := range chunks {
		c, err := r.chunk(&chunks[i], depth)
		if err != nil {
			return err
		}
		hash.Write(c.b)
		r.release(c)
	}
	if hash.ID() != id {
		return errMismatch
	}
	return nil
}
