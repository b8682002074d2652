package docx

import (
	"errors"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/esync/esync/merge/ooxml"
)

// joinFields makes one thing of each field that begins and ends in the
// paragraph under the same chain. What it says is its instruction, what is
// chosen in a field of a form, and its result where no program computes it.
func (r *reader) joinFields(p *paragraph) {
	if !slices.ContainsFunc(p.atoms, func(a *atom) bool { return fieldChar(a) == "begin" }) {
		return
	}
	var out []*atom
	var starts []int // in out
	moved := make([]int, len(p.atoms)+1)
	for i, a := range p.atoms {
		moved[i] = len(out)
		out = append(out, a)
		switch fieldChar(a) {
		case "begin":
			if starts = append(starts, len(out)-1); len(starts) > maxFields {
				r.fail(errors.New("fields stand too deep in each other"))
				return
			}
		case "end":
			if len(starts) == 0 {
				continue
			}
			lo := starts[len(starts)-1]
			starts = starts[:len(starts)-1]
			if field := r.joinField(out[lo:]); field != nil {
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
func (r *reader) joinField(list []*atom) *atom {
	f := &atom{setting: &setting{run: list[0].run, wrapping: list[0].wrapping}}
	var instruction, result, text strings.Builder
	form, inResult := "", false
	for _, a := range list {
		if !slices.Equal(a.chain, f.chain) {
			return nil
		}
		if a.isText() {
			f.parts = append(f.parts, piece{textElement(a, a.text), a.run})
		} else {
			f.parts = append(f.parts, a.parts...)
		}
		switch end := fieldChar(a); {
		case end == "separate":
			inResult = true
		case end == "end":
		case end == "begin":
			form = r.formField(a.parts[0].el)
		case inResult:
			result.WriteString(a.key + a.looks + ";")
			text.WriteString(a.text)
		case len(a.parts) == 1 && is(a.parts[0].el, "instrText", "delInstrText"):
			instruction.WriteString(a.parts[0].el.Text())
		default:
			instruction.WriteString("{" + a.key + "}")
		}
	}
	f.text = text.String()
	code := strings.Join(strings.Fields(instruction.String()), " ")
	f.key = "ofield " + code + form
	if slices.Contains(computedFields, fieldName(code)) {
		f.computed = ooxml.Digest(result.String())
	} else {
		f.key += "=" + ooxml.Digest(result.String())
	}
	return f
}

// formField is what the beginning of a field says but that it is one: what a
// field of a form is, and what is ticked or chosen in it.
func (r *reader) formField(e *etree.Element) string {
	s := ""
	if truth(att(e, "fldLock")) {
		s = " locked"
	}
	if data := kid(e, "ffData"); data != nil {
		s += " " + ooxml.Digest(r.deepText(data))
	}
	return s
}
