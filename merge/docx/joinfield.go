package docx

import (
	"slices"
	"strings"

	"github.com/esync/esync/merge/ooxml"
)

// joinFields makes one thing of each field that begins and ends in the
// paragraph under the same chain. What it says is its instruction, and its
// result where no program computes it.
func (p *paragraph) joinFields() {
	var out []*atom
	var starts []int // in out
	moved := make([]int, len(p.atoms)+1)
	for i, a := range p.atoms {
		moved[i] = len(out)
		out = append(out, a)
		switch fieldChar(a) {
		case "begin":
			starts = append(starts, len(out)-1)
		case "end":
			if len(starts) == 0 {
				continue
			}
			lo := starts[len(starts)-1]
			starts = starts[:len(starts)-1]
			if field := joinField(out[lo:]); field != nil {
				out = append(out[:lo], field)
				for j := i; j >= 0 && moved[j] > lo; j-- {
					moved[j] = lo
				}
			}
		}
	}
	moved[len(p.atoms)] = len(out)
	p.atoms = out
	for _, m := range p.marks {
		m.at = moved[m.at]
	}
}

// fieldChar is which end of a field an atom is.
func fieldChar(a *atom) string {
	if len(a.parts) == 1 && is(a.parts[0].el, "fldChar") {
		return att(a.parts[0].el, "fldCharType")
	}
	return ""
}

// joinField makes one atom of those of a field; nil when it cannot.
func joinField(list []*atom) *atom {
	f := &atom{run: list[0].run, wrapping: list[0].wrapping}
	instruction, result := "", ""
	var inside fieldDepth
	inside.open = nil
	for _, a := range list {
		if !slices.Equal(a.chain, f.chain) {
			return nil
		}
		if a.isText() {
			f.parts = append(f.parts, piece{textElement(a), a.run})
		} else {
			f.parts = append(f.parts, a.parts...)
		}
		for _, part := range a.parts {
			inside.one(part.el)
			if is(part.el, "instrText") && inside.depth() == 1 {
				instruction += part.el.Text()
			}
		}
		if inside.depth() > 0 && inside.open[0].result && fieldChar(a) != "separate" {
			result += a.key + a.looks + ";"
			f.text += a.text
		}
	}
	instruction = strings.Join(strings.Fields(instruction), " ")
	f.key = "ofield " + instruction
	if slices.Contains(computedFields, fieldName(instruction)) {
		f.computed = ooxml.Digest(result)
	} else {
		f.key += "=" + ooxml.Digest(result)
	}
	return f
}
