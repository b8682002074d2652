package merge

import "github.com/esync/esync/objects"

// file merges a file that both sides changed, or added, apart from each other.
// b is nil when the base had none.
func (p *pass) file(w where, b, o, t *objects.Entry) (*objects.Entry, error) {
	r := *o
	switch {
	case o.ID == t.ID:
		r.ModTime = max(o.ModTime, t.ModTime)
	case b == nil && t.Size == 0: // nothing of theirs is lost
	case b == nil && o.Size == 0:
		r = *t
	case b == nil:
		return p.conflict(BothAdded, w, nil, o, t), nil
	case b.ID == t.ID: // r has our content
	case b.ID == o.ID:
		r = *t
	case p.dry:
	default:
		f, err := p.content(w.path, b, o, t)
		if err != nil {
			return nil, err
		}
		if !f.Clean {
			c := p.between(BothChanged, w.path, b, o, t)
			c.Reason, c.Places = f.Reason, f.Conflicts
			p.conflicts = append(p.conflicts, c)
			return o, nil
		}
		if r.ID, err = p.put(f.Content, o.ID); err != nil {
			return nil, err
		}
		r.Size, r.ModTime = int64(len(f.Content)), max(o.ModTime, t.ModTime)
		p.joined = append(p.joined, Joined{Path: w.path, FromOurs: f.FromOurs, FromTheirs: f.FromTheirs})
	}
	var ok bool
	if r.Mode, ok = mergeMode(b, o, t); !ok {
		return p.conflict(ModeApart, w, b, o, t), nil
	}
	return &r, nil
}

// mergeMode merges the executable bit. It fails only where both sides added
// the file.
func mergeMode(b, o, t *objects.Entry) (objects.Mode, bool) {
	switch {
	case o.Mode == t.Mode:
		return o.Mode, true
	case b == nil:
		return o.Mode, false
	}
	return either(b.Mode, o.Mode, t.Mode)
}

// content merges the content of a file that both sides changed.
func (m *merger) content(path string, b, o, t *objects.Entry) (FileResult, error) {
	var content [3][]byte
	for i, e := range [3]*objects.Entry{b, o, t} {
		if e.Size > MaxFile {
			return FileResult{Reason: "too large to merge"}, nil
		}
		var err error
		if content[i], err = m.blob(e.ID); err != nil {
			return FileResult{}, err
		}
	}
	return File(path, content[0], content[1], content[2], m.options), nil
}

func (m *merger) put(content []byte, prev objects.ID) (objects.ID, error) {
	if m.sink != nil {
		return m.sink.Put(objects.KindBlob, content, prev)
	}
	id := objects.Sum(objects.KindBlob, content)
	m.blobs[id] = content
	return id, nil
}
