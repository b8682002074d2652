package docx

import (
	"fmt"

	"github.com/beevik/etree"
)

// letGo forgets what the prover does not ask for, before it reads the result:
// the trees of the three documents, and the nodes that lead to them, are most of
// the memory that a merge takes.
func (m *merger) letGo() {
	for _, d := range []*document{m.b, m.s, m.o} {
		d.trees, d.dirty, d.bookmarks, d.body = map[string]*etree.Document{}, nil, nil, nil
		for _, st := range d.stories {
			st.el, st.node = nil, nil
		}
	}
	for _, r := range m.stories {
		r.letGo()
	}
	m.columns = nil
}

func (r *outcome) letGo() {
	r.s, r.o, r.para = nil, nil, nil
	for _, k := range r.kids {
		k.letGo()
	}
}

// prove reads the result again and compares it with what was decided: every
// text, style, list and part of it. What differs in any way is no merge.
func (m *merger) prove(out []byte, w *writer) error {
	r, err := open(out)
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	if err := r.verify(m.broken); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	// What is known by a number is named as the writer gave the numbers.
	for _, one := range r.lists.order {
		if mine := m.s.lists.byID[one.id]; mine != nil {
			one.name = mine.name
		}
	}
	for theirs, id := range w.lists {
		if one := r.lists.byID[id]; one != nil && m.s.lists.byID[id] == nil {
			one.name = m.o.lists.byID[theirs].name
		}
	}
	r.heads.follow(m.s.heads)
	if err := r.read(); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	for _, step := range []func(*document) error{m.proveStories, m.proveLists, m.proveStyles, m.proveParts, m.proveBackground} {
		if err := step(r); err != nil {
			return unmergeable("result: %v", err)
		}
	}
	if r.err != nil {
		return unmergeable("result: %v", r.err)
	}
	return nil
}

func (m *merger) proveStories(r *document) error {
	for i, b := range m.b.stories {
		want := m.stories[i]
		got := r.story(b.name)
		if got == nil {
			continue // no section names it any more, as its own sum tells
		}
		if got.node.sum != want.sum {
			return fmt.Errorf("%s is not what was decided", differs(want, got.node))
		}
	}
	return nil
}

// differs finds the first node that is not as it was decided.
func differs(want *outcome, got *node) string {
	if len(want.kids) == 0 || len(want.kids) != len(got.kids) {
		return "the " + string(got.kind) + " at " + got.where
	}
	for i, k := range want.kids {
		if k.sum != got.kids[i].sum {
			return differs(k, got.kids[i])
		}
	}
	return "the layout of " + got.where
}

func (m *merger) proveLists(r *document) error {
	for _, one := range r.lists.order {
		want, ok := m.wantLists[one.name]
		if o := m.o.lists.named(one.name); o != nil && m.s.lists.byID[one.id] == nil {
			want, ok = o.canon, true
		}
		if !ok || one.canon != want {
			return fmt.Errorf("%s is not what was decided", one.name)
		}
	}
	return nil
}

func (m *merger) proveStyles(r *document) error {
	if len(r.styles.byName) != len(m.wantStyles) {
		return fmt.Errorf("%d styles instead of %d", len(r.styles.byName), len(m.wantStyles))
	}
	for key, want := range m.wantStyles {
		one := r.styles.byName[key]
		if one == nil || canonical(r.propsOf(r.styles.part, one.el)) != want {
			return fmt.Errorf("style %q is not what was decided", key)
		}
	}
	return nil
}

func (m *merger) proveParts(r *document) error {
	for _, l := range listParts {
		list, _ := r.listOf(l)
		if got := canonical(list); got != m.wantParts[l.kind] {
			return fmt.Errorf("the %s are not what was decided", l.label)
		}
	}
	got := r.implicit()
	for key, want := range m.wantParts {
		isList := false
		for _, l := range listParts {
			isList = isList || l.kind == key
		}
		if !isList && got[key] != want {
			return fmt.Errorf("part %q is not what was decided", key)
		}
	}
	return nil
}
