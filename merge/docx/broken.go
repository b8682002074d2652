package docx

import (
	"fmt"

	"github.com/esync/esync/merge/ooxml"
)

// lenient tells of which rules it does not matter that a side breaks them.
func lenient(rule string, _ int) bool { return lenientRules[rule] }

// verify finds a document sound, but for the rules that it may break as often as
// it does.
func (d *document) verify(may func(rule string, times int) bool) error {
	list := verifyPackage(d.pkg, d.trees)
	d.broken = map[string]int{}
	for _, p := range list {
		d.broken[p.Rule]++
	}
	var l ooxml.Problems
	for _, p := range list {
		if !may(p.Rule, d.broken[p.Rule]) {
			l = append(l, p)
		}
	}
	if len(l) > 0 {
		return fmt.Errorf("%w: %w", ErrUnmergeable, l.Err())
	}
	return nil
}

// broken tells whether the sides together break a rule as often as the result:
// what the base broke already counts once.
func (m *merger) broken(rule string, times int) bool {
	b, s, o := m.b.broken[rule], m.s.broken[rule], m.o.broken[rule]
	return times <= max(s, o, s+o-b)
}
