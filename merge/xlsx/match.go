package xlsx

import (
	"sort"
	"strings"

	"github.com/esync/esync/merge/formulas"
)

// matchSheets finds for each sheet of the base that of a side: by name, then
// among the rest by number or content, which tells a renamed sheet.
func matchSheets(base, side *book) map[*sheet]*sheet {
	pairs := map[*sheet]*sheet{}
	taken := map[*sheet]bool{}
	for _, s := range base.sheets {
		if o := side.sheetNamed(s.name); o != nil && o.kind == s.kind {
			pairs[s] = o
			taken[o] = true
		}
	}
	type pair struct {
		s, o  *sheet
		alike float64
		i, j  int
	}
	var list []pair
	tries := 0
	for i, s := range base.sheets {
		if pairs[s] != nil {
			continue
		}
		for j, o := range side.sheets {
			if taken[o] || o.kind != s.kind {
				continue
			}
			if tries++; tries > maxTries {
				break
			}
			alike := alike(base, s, side, o)
			if s.id == o.id {
				alike += 0.5
			}
			if alike >= 0.8 {
				list = append(list, pair{s, o, alike, i, j})
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.alike != b.alike {
			return a.alike > b.alike
		}
		if a.i != b.i {
			return a.i < b.i
		}
		return a.j < b.j
	})
	for _, p := range list {
		if pairs[p.s] == nil && !taken[p.o] {
			pairs[p.s] = p.o
			taken[p.o] = true
		}
	}
	return pairs
}

// maxTries bounds the time to find renamed sheets.
const maxTries = 400

// alike is the share of cells that two sheets have in common, wherever they
// stand. Formulas count by what is not a reference.
func alike(a *book, s *sheet, b *book, o *sheet) float64 {
	if s.kind != "worksheet" {
		return 0
	}
	count := map[content]int{}
	n, m, common := 0, 0, 0
	tally := func(b *book, s *sheet, see func(content)) {
		for i := range s.rows {
			for j := range s.rows[i].cells {
				c, err := b.content(s, s.rows[i].r, &s.rows[i].cells[j])
				if err == nil && c.kind != empty {
					see(loose(c))
				}
			}
		}
	}
	tally(a, s, func(c content) { count[c]++; n++ })
	tally(b, o, func(c content) {
		m++
		if count[c] > 0 {
			count[c]--
			common++
		}
	})
	if n == 0 && m == 0 {
		return 0.5
	}
	return float64(common) / float64(max(n, m))
}

// loose is a content without its references, which change when rows move.
func loose(c content) content {
	if !c.isFormula() {
		return c
	}
	var b strings.Builder
	for _, t := range formulas.Lex(c.text) {
		if t.Kind != formulas.KindRef {
			b.WriteString(t.Text)
		}
	}
	return content{c.kind, b.String()}
}
