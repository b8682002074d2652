package xlsx

import "strings"

// labelPart is the block of the part in which newer programs keep the label of
// protection; older ones keep it in properties.
const labelPart = "part classificationlabels"

// labelProperty tells whether a document property belongs to the label of
// protection that a house gives its documents.
func labelProperty(name string) bool { return strings.HasPrefix(name, "MSIP_Label_") }

// labelOf is the label of a workbook, without when and by which act it was
// given; text is what people call it.
func labelOf(l blocks) (label, text string) {
	parts := []string{l.value(labelPart)}
	for _, i := range l.items("properties") {
		if !labelProperty(i.key) || strings.HasSuffix(i.key, "_SetDate") || strings.HasSuffix(i.key, "_ActionId") {
			continue
		}
		parts = append(parts, i.key, i.value)
		if strings.HasSuffix(i.key, "_Name") {
			text = i.show
		}
	}
	label = strings.Join(parts, "\x00")
	if text == "" && label != "" {
		text = "there"
	}
	return label, text
}

// label decides which side's label the result has, wherever it is kept.
func (m *merger) label(b, s, o blocks) {
	x, was := labelOf(b)
	y, mine := labelOf(s)
	z, theirs := labelOf(o)
	m.labels = compare(x, y, z)
	if m.labels == same {
		return
	}
	if m.settle(m.labels, m.place("sensitivity label", was, mine, theirs)) {
		m.labels = take
		if s.value(labelPart) != o.value(labelPart) {
			m.do(func(w *writer) error { return w.takePart(strings.TrimPrefix(labelPart, "part ")) })
		}
		return
	}
	m.labels = keep
}

// labelProperties settles the properties that make a label up. Of one that is
// the same the rest is nobody's work.
func (m *merger) labelProperties(b, s, o []item, settled map[string]bool) {
	inB, inS, inO := finder(b), finder(s), finder(o)
	for _, k := range itemKeys(b, s, o) {
		if labelProperty(k) && (m.labels != same || compare(inB(k).val(), inS(k).val(), inO(k).val()) == clashes) {
			settled[k] = m.labels == take
		}
	}
}
