package docx

import (
	"strings"

	"github.com/beevik/etree"
)

// span is a range between two marks.
type span struct{ ended bool }

// rangeRules are the rules for the marks of ranges, by what they begin with.
var rangeRules = map[string]string{
	"bookmark": "bookmark-pair", "commentRange": "comment-pair", "moveFromRange": "move-pair", "moveToRange": "move-pair", "perm": "perm-pair",
	"customXmlInsRange": "range-pair", "customXmlDelRange": "range-pair", "customXmlMoveFromRange": "range-pair", "customXmlMoveToRange": "range-pair",
}

func isRange(kind string) bool { return rangeRules[kind] != "" }

func (s *storyVerifier) open(kind string, e *etree.Element) {
	id := attrOf(e, "id")
	if s.ranges[kind] == nil {
		s.ranges[kind] = map[string]*span{}
	}
	if s.ranges[kind][id] != nil || id == "" {
		rule := rangeRules[kind]
		if kind == "bookmark" {
			rule = "bookmark-id"
		}
		s.add(rule, "two of %s have number %q", kind, id)
		return
	}
	s.ranges[kind][id] = &span{}
	name := attrOf(e, "name")
	switch kind {
	case "bookmark":
		low := strings.ToLower(name)
		if name == "" || s.v.bookmarks[low] {
			s.add("bookmark-name", "two bookmarks are called %q", name)
		}
		s.v.bookmarks[low] = true
	case "commentRange":
		s.v.comments.named(s, id)
	case "moveFromRange", "moveToRange":
		if s.moves[kind] == nil {
			s.moves[kind] = map[string]*etree.Element{}
		}
		s.moves[kind][name] = e
	}
}

func (s *storyVerifier) close(kind string, e *etree.Element) {
	id := attrOf(e, "id")
	r := s.ranges[kind][id]
	if r == nil || r.ended {
		s.add(rangeRules[kind], "%s %q ends and has not begun", kind, id)
		return
	}
	r.ended = true
}

// closed tells of ranges that were left open and of moves without their other
// half.
func (s *storyVerifier) closed() {
	for kind, list := range s.ranges {
		for id, r := range list {
			if !r.ended {
				s.add(rangeRules[kind], "%s %q does not end", kind, id)
			}
		}
	}
	for kind, other := range map[string]string{"moveFromRange": "moveToRange", "moveToRange": "moveFromRange"} {
		for name := range s.moves[kind] {
			if s.moves[other][name] == nil {
				s.add("move-pair", "%s %q has no %s", kind, name, other)
			}
		}
	}
}

// field is one that was begun: its code until it is separated from its result.
type field struct {
	code   strings.Builder
	result bool
}

func (s *storyVerifier) fieldChar(e *etree.Element, a spot) {
	list := *a.fields
	top := len(list) - 1
	switch attrOf(e, "fldCharType") {
	case "begin":
		*a.fields = append(list, &field{})
		return
	case "separate":
		if top < 0 || list[top].result {
			s.add("field", "a field is separated that was not begun")
			return
		}
		s.fieldCode(list[top].code.String())
		list[top].result = true
	case "end":
		if top < 0 {
			s.add("field", "a field ends that was not begun")
			return
		}
		if !list[top].result {
			s.fieldCode(list[top].code.String())
		}
		*a.fields = list[:top]
	default:
		s.add("field", "a mark of a field of type %q", attrOf(e, "fldCharType"))
	}
}

func (s *storyVerifier) fieldText(text string, a spot) {
	if list := *a.fields; len(list) > 0 && !list[len(list)-1].result {
		list[len(list)-1].code.WriteString(text)
	}
}

func (s *storyVerifier) fieldsClosed(list []*field) {
	if len(list) > 0 {
		s.add("field", "%d fields do not end", len(list))
	}
}

// anchor is something that names a bookmark.
type anchor struct{ part, rule, name string }

// fieldCode notes the bookmark that a field reads.
func (s *storyVerifier) fieldCode(code string) {
	list := strings.Fields(code)
	if len(list) < 2 {
		return
	}
	switch strings.ToUpper(list[0]) {
	case "REF", "PAGEREF", "NOTEREF":
		s.v.anchors = append(s.v.anchors, anchor{s.part, "field-reference", strings.Trim(list[1], `"`)})
	}
}

func (s *storyVerifier) hyperlink(e *etree.Element) {
	if name := attrOf(e, "anchor"); name != "" && relNamed(e, "id") == "" {
		s.v.anchors = append(s.v.anchors, anchor{s.part, "link-anchor", name})
	}
}

// anchored checks that the bookmarks that are named are there, once all parts
// were read.
func (v *verifier) anchored() {
	for _, a := range v.anchors {
		low := strings.ToLower(a.name)
		if low == "_top" || strings.HasPrefix(low, `\`) || v.bookmarks[low] {
			continue
		}
		v.add(a.part, a.rule, "names bookmark %q, which is missing", a.name)
	}
}
