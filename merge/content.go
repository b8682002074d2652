package merge

import "github.com/esync/esync/objects"

// file merges a file that both sides changed, or added, apart from each other.
// b is nil when the base had none.
func (p *pass) file(w where, b, o, t *objects.Entry) (*objects.Entry, error) {
	r := *o
	ok := true
	switch {
	case o.ID == t.ID:
		r.ModTime = max(o.ModTime, t.ModTime)
	case b == nil:
		return p.conflict(BothAdded, w, nil, o, t), nil
	case b.ID == t.ID: // r has our content
	case b.ID == o.ID:
		r = *t
	case p.dry:
	default:
		merged, clean, err := p.content(b, o, t)
		if err != nil {
			return nil, err
		}
		if !clean {
			return p.conflict(BothChanged, w, b, o, t), nil
		}
		if r.ID, err = p.put(merged, o.ID); err != nil {
			return nil, err
		}
		r.Size, r.ModTime = int64(len(merged)), max(o.ModTime, t.ModTime)
		p.merged = append(p.merged, w.path)
	}
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
	case b.Mode == o.Mode:
		return t.Mode, true
	}
	return o.Mode, true
}

// content merges the content of a file that both sides changed. It is clean
// only where the result is as sound as what went in.
func (p *pass) content(b, o, t *objects.Entry) (merged []byte, clean bool, err error) {
	var texts [3][]byte
	for _, e := range [3]*objects.Entry{b, o, t} {
		if e.Size > MaxText {
			return nil, false, nil
		}
	}
	for i, e := range [3]*objects.Entry{b, o, t} {
		if texts[i], err = p.blob(e.ID); err != nil {
			return nil, false, err
		}
		if !IsText(texts[i]) {
			return nil, false, nil
		}
	}
	merged, clean = Text(texts[0], texts[1], texts[2])
	return merged, clean && len(merged) <= MaxText && stillSound(texts[1], texts[2], merged), nil
}

func (p *pass) put(content []byte, prev objects.ID) (objects.ID, error) {
	if p.sink != nil {
		return p.sink.Put(objects.KindBlob, content, prev)
	}
	id := objects.Sum(objects.KindBlob, content)
	p.blobs[id] = content
	return id, nil
}
