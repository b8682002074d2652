package xlsx

import (
	"slices"
	"strings"
)

// together decides about items of a list that mean something only together.
// It tells of each whether the other side's version holds; the rest are decided
// one by one.
func (m *merger) together(t *trio, one *block, b, s, o []item) map[string]bool {
	settled := map[string]bool{}
	switch one.key {
	case "conditionalFormatting":
		m.rewrittenRules(t, one, b, s, o, settled)
	case "properties":
		m.labelProperties(b, s, o, settled)
	}
	m.settled[listName(t, one)] = settled
	return settled
}

func listName(t *trio, one *block) string {
	if t == nil {
		return one.key
	}
	return t.name + "\x00" + one.key
}

// rewrittenRules decides about the conditional formats that both sides changed.
// A rule is known by all that it says, so that a changed one looks like one
// that went and one that came: where both let one go, what either put on its
// cells is in its place.
func (m *merger) rewrittenRules(t *trio, one *block, b, s, o []item, settled map[string]bool) {
	inB, inS, inO := finder(b), finder(s), finder(o)
	for i := range b {
		was := &b[i]
		if inS(was.key) != nil || inO(was.key) != nil {
			continue
		}
		mine, theirs := inPlaceOf(was, s, inB, inO), inPlaceOf(was, o, inB, inS)
		isSettled := func(x *item) bool { _, ok := settled[x.key]; return ok }
		if len(mine)+len(theirs) == 0 || allOf(mine, isSettled) && allOf(theirs, isSettled) {
			continue
		}
		taken := m.settle(clashes, m.place(m.itemWhere(t, one, was), was.show, texts(mine), texts(theirs)))
		for _, x := range append(mine, theirs...) {
			settled[x.key] = taken
		}
	}
}

// inPlaceOf are the rules that only one side has, on cells of one that is gone.
func inPlaceOf(was *item, list []item, inBase, inOther func(string) *item) []*item {
	var found []*item
	for i := range list {
		if x := &list[i]; inBase(x.key) == nil && inOther(x.key) == nil && anyMeet(was.areas, x.areas) {
			found = append(found, x)
		}
	}
	return found
}

func anyMeet(a, b []area) bool {
	for _, x := range a {
		for _, y := range b {
			if x.meets(y) {
				return true
			}
		}
	}
	return false
}

func allOf(items []*item, is func(*item) bool) bool {
	return !slices.ContainsFunc(items, func(x *item) bool { return !is(x) })
}

func texts(items []*item) string {
	var list []string
	for _, i := range items {
		list = append(list, i.show)
	}
	return strings.Join(list, "; ")
}
