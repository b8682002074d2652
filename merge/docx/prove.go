package docx

import "fmt"

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
	for _, step := range []func(*document) error{m.proveStories, m.proveLists, m.proveStyles, m.proveParts} {
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
	if want.from != blend || want.para != nil || len(want.kids) != len(got.kids) {
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
		if one == nil || values(r.propsOf(r.styles.part, one.el)).String() != want {
			return fmt.Errorf("style %q is not what was decided", key)
		}
	}
	return nil
}

func (m *merger) proveParts(r *document) error {
	for _, l := range listParts {
		list, _ := r.listOf(l)
		if got := values(list).String(); got != m.wantParts[l.kind] {
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
