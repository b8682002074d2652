package docx

import (
	"strings"

	"github.com/beevik/etree"
)

// entries are the comments or notes of a document, and how often each is
// referred to.
type entries struct {
	word string
	part string          // "" when there is none
	ids  map[string]bool // true for those that nothing need refer to
	uses map[string]int
	told map[string]bool
}

// named checks that an entry is there.
func (n *entries) named(s *storyVerifier, id string) {
	if _, ok := n.ids[id]; !ok && !n.told[id] {
		if n.told == nil {
			n.told = map[string]bool{}
		}
		n.told[id] = true
		s.add(n.word+"-missing", "names %s %q, which is missing", n.word, id)
	}
}

// use notes a reference.
func (n *entries) use(s *storyVerifier, e *etree.Element, a spot) {
	id := attrOf(e, "id")
	n.named(s, id)
	if a.shadow {
		return
	}
	if n.uses[id]++; n.uses[id] == 2 {
		rule := "note-twice"
		if n.word == "comment" {
			rule = "comment-twice"
		}
		s.add(rule, "%s %q is referred to twice", n.word, id)
	}
}

// used tells of entries that nothing refers to.
func (n *entries) used(v *verifier) {
	rule := "note-unused"
	if n.word == "comment" {
		rule = "comment-unused"
	}
	for id, special := range n.ids {
		if !special && n.uses[id] == 0 {
			v.add(n.part, rule, "nothing refers to %s %q", n.word, id)
		}
	}
}

// readComments reads the comments and what later parts say of them.
func (v *verifier) readComments() {
	part := v.partOf("comments")
	if part == "" {
		return
	}
	root := v.tree(part, "comments")
	if root == nil {
		return
	}
	v.comments.part, v.comments.ids = part, map[string]bool{}
	paras := map[string]bool{} // last paragraphs of comments
	s := v.newStory(part)
	for _, c := range root.ChildElements() {
		if !isWord(c, "comment") {
			continue
		}
		id := attrOf(c, "id")
		if _, twice := v.comments.ids[id]; twice || id == "" {
			v.add(part, "comment-id", "two comments have number %q", id)
		}
		v.comments.ids[id] = false
		if attrOf(c, "author") == "" {
			v.add(part, "change", "comment %q has no author", id)
		}
		s.walk(c, spot{})
		for _, p := range c.FindElements(".//p") {
			for _, a := range p.Attr {
				if a.Key == "paraId" {
					paras[strings.ToUpper(a.Value)] = true
				}
			}
		}
	}
	s.closed()
	v.readExtended(paras)
}

// readExtended checks that what is said of comments is said of comments that
// are there.
func (v *verifier) readExtended(paras map[string]bool) {
	durable := map[string]bool{}
	for _, kind := range []string{"commentsExtended", "commentsIds", "commentsExtensible"} {
		part := v.partOf(kind)
		if part == "" {
			continue
		}
		doc, err := v.parse(part)
		if err != nil {
			continue // told already
		}
		seen := map[string]bool{}
		for _, e := range doc.Root().ChildElements() {
			for _, a := range e.Attr {
				id := strings.ToUpper(a.Value)
				switch {
				case (a.Key == "paraId" || a.Key == "paraIdParent") && !paras[id]:
					v.add(part, "comment-extended", "no comment has paragraph %s", a.Value)
				case a.Key == "durableId" && kind == "commentsIds":
					durable[id] = true
				case a.Key == "durableId" && !durable[id]:
					v.add(part, "comment-extended", "no comment is called %s", a.Value)
				}
				if a.Key == "paraId" || a.Key == "durableId" {
					if seen[a.Key+id] {
						v.add(part, "comment-extended", "%s is there twice", a.Value)
					}
					seen[a.Key+id] = true
				}
			}
		}
	}
}

// readNotes reads the footnotes or endnotes.
func (v *verifier) readNotes(word string) {
	part := v.partOf(word + "s")
	if part == "" {
		return
	}
	root := v.tree(part, word+"s")
	if root == nil {
		return
	}
	n := &entries{word: word, part: part, ids: map[string]bool{}, uses: map[string]int{}}
	v.notes[word] = n
	s := v.newStory(part)
	kinds := map[string]bool{}
	for _, c := range root.ChildElements() {
		if !isWord(c, word) {
			continue
		}
		id, kind := attrOf(c, "id"), attrOf(c, "type")
		if _, twice := n.ids[id]; twice || id == "" {
			v.add(part, "note-id", "two of %s have number %q", word, id)
		}
		n.ids[id] = kind != "" && kind != "normal"
		kinds[kind] = true
		s.walk(c, spot{})
	}
	s.closed()
	if !kinds["separator"] {
		v.add(part, "note-separator", "the %ss have no separator", word)
	}
}

// settings checks the elements of the settings and what they name.
func (v *verifier) settings() {
	part := v.partOf("settings")
	if part == "" {
		return
	}
	root := v.tree(part, "settings")
	if root == nil {
		return
	}
	v.orderedBelow(part, root)
	for _, word := range []string{"footnote", "endnote"} {
		n := v.notes[word]
		for _, e := range childrenOf(childOf(root, word+"Pr"), word) {
			if id := attrOf(e, "id"); n == nil || !n.ids[id] {
				v.add(part, "note-separator", "names separator %q of the %ss, which is missing", id, word)
			}
		}
	}
}
