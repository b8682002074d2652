package docx

// styleChange is a style of the result that gets something of the other side.
type styleChange struct {
	key  string
	keys []string // properties taken; nil when the whole style is new
}

// listChange is a list of the result that looks as on the other side.
type listChange struct{ name string }

// decideStyles merges the styles, each by its properties. Styles that a side
// deleted stay where the other is written into or changed them.
func (m *merger) decideStyles() error {
	all := map[string]bool{}
	for _, d := range []*document{m.s, m.o} {
		for key := range d.styles.byName {
			all[key] = true
		}
	}
	m.wantStyles = map[string]string{}
	for _, key := range sortedKeys(all) {
		b, s, o := m.b.styles.byName[key], m.s.styles.byName[key], m.o.styles.byName[key]
		where := "style " + m.o.styles.title(key)
		if s != nil {
			where = "style " + m.s.styles.title(key)
		}
		switch {
		case o == nil:
			m.wantStyles[key] = s.canon
		case s == nil && (b == nil || o.canon != b.canon):
			m.wantStyles[key] = o.canon
			m.styles = append(m.styles, styleChange{key: key})
			if !m.restyled[m.o] {
				m.note(take, where, "", "", o.name)
			}
		case s == nil:
			// Taken only where something of the result needs it.
		default:
			m.style(where, key, b, s, o)
		}
	}
	x, y, z := m.b.defaultFormats(), m.s.defaultFormats(), m.o.defaultFormats()
	_, keys, clash := mergeProps(values(x), values(y), values(z))
	if len(clash) > 0 && m.clash("default formats", showProps(x, clash), showProps(y, clash), showProps(z, clash)) == take {
		keys = append(keys, clash...)
	}
	m.defaults = keys
	m.noteProps("default formats", x, y, z, keys, clash)
	return nil
}

// style merges one style that both sides have.
func (m *merger) style(where, key string, b, s, o *style) {
	list := func(d *document, one *style) []prop {
		if one == nil {
			return nil
		}
		return d.propsOf(d.styles.part, one.el)
	}
	x, y, z := list(m.b, b), list(m.s, s), list(m.o, o)
	merged, keys, clash := mergeProps(values(x), values(y), values(z))
	if len(clash) > 0 && m.clash(where, showProps(x, clash), showProps(y, clash), showProps(z, clash)) == take {
		keys = append(keys, clash...)
		for _, k := range clash {
			delete(merged, k)
			if v := values(z)[k]; v != "" {
				merged[k] = v
			}
		}
	}
	m.wantStyles[key] = merged.String()
	if len(keys) > 0 {
		m.styles = append(m.styles, styleChange{key, keys})
	}
	m.noteProps(where, x, y, z, keys, clash)
}

// defaultFormats are what holds where neither a style nor anything else says.
func (d *document) defaultFormats() []prop {
	if d.styles.part == "" {
		return nil
	}
	root, err := d.root(d.styles.part)
	if err != nil {
		d.fail(err)
		return nil
	}
	var list []prop
	for _, tag := range []string{"rPr", "pPr"} {
		in := kid(kid(kid(root, "docDefaults"), tag+"Default"), tag)
		for _, p := range d.propsOf(d.styles.part, in) {
			p.key = tag + "/" + p.key
			list = append(list, p)
		}
	}
	return list
}

func lookOf(l *list) string {
	if l == nil {
		return ""
	}
	return l.canon
}

func gone(look string) string {
	if look == "" {
		return "deleted"
	}
	return "format"
}

// decideLists merges how the lists look, each as a whole.
func (m *merger) decideLists() error {
	m.wantLists = map[string]string{}
	for _, s := range m.s.lists.order {
		m.wantLists[s.name] = s.canon
	}
	for _, b := range m.b.lists.order {
		s, o := m.s.lists.named(b.name), m.o.lists.named(b.name)
		x, y := lookOf(s), lookOf(o)
		switch {
		case x == y, y == b.canon, y == "" && x == b.canon:
			if x != b.canon && x != "" {
				m.note(keep, b.name, "", "format", "")
			}
			continue
		case x == b.canon:
			m.note(take, b.name, "", "", "format")
		case m.clash(b.name, "", gone(x), gone(y)) == keep:
			continue
		}
		if s != nil && o != nil {
			m.lists = append(m.lists, listChange{b.name})
			m.wantLists[b.name] = o.canon
		}
	}
	return nil
}
