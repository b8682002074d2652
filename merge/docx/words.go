package docx

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cut cuts a text into words, the spaces between them, and the punctuation
// behind them. A number is one word whatever is in it, spaces between its
// thousands too, so that two changes of it are never put together.
func cut(text string) []string {
	list := make([]string, 0, len(text)/4+1) // words are some six letters long, and spaces are words
	for len(text) > 0 {
		space := isSpace(text)
		n := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) != space })
		if n < 0 {
			n = len(text)
		}
		if !space {
			n = numberEnd(text, n)
		}
		word := text[:n]
		text = text[n:]
		if space {
			list = append(list, word)
			continue
		}
		stem := strings.TrimRight(word, ".,;:!?")
		if stem == "" {
			stem = word
		}
		list = append(list, stem)
		for _, r := range word[len(stem):] {
			list = append(list, string(r))
		}
	}
	return list
}

// numberEnd is where a word of length n ends when the thousands that stand
// behind it are of it: "1 250 000".
func numberEnd(text string, n int) int {
	digits := n - len(strings.TrimRight(text[:n], "0123456789"))
	for digits >= 1 && digits <= 3 && n < len(text) && isSpace(text[n:]) {
		_, size := utf8.DecodeRuneInString(text[n:])
		group := text[n+size:]
		digits = len(group) - len(strings.TrimLeft(group, "0123456789"))
		if digits != 3 {
			break
		}
		end := strings.IndexFunc(group, unicode.IsSpace)
		if end < 0 {
			end = len(group)
		}
		n += size + end
		if end > 3 {
			break // a fraction, or what stands behind
		}
	}
	return n
}

func isSpace(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}

// gap is the text between two changes.
type gap struct {
	space, word bool // a space was there; and a word behind it
	words       int  // that stand whole between them
	stop, ended bool // the last sign ends a sentence; and a space was behind one
}

func (g *gap) add(text string) {
	for _, r := range text {
		switch {
		case !unicode.IsSpace(r):
			g.word, g.stop = g.space, strings.ContainsRune(".!?;:", r)
			continue
		case g.word:
			g.words++
			g.word = false
		}
		g.space, g.ended = true, g.ended || g.stop
	}
}

// apart tells whether two changes do not change what the other says: of a
// sentence, two whole words stand between them, or one and its end.
func (g *gap) apart() bool { return g.words > 1 || g.words == 1 && g.ended }

// atom adds a word or a thing. What was taken out with tracked changes is not
// read, and what stands in a word, like a hyphen or a note, does not end it.
func (g *gap) atom(a *atom) {
	switch {
	case a.deleted():
	case a.isText():
		g.add(a.text)
	case len(a.parts) == 1 && is(a.parts[0].el, "tab", "ptab", "br", "cr"):
		g.add(" \ufffc ")
		g.ended = true
	default:
		g.add("\ufffc")
	}
}

// maxShown is how much of a text is shown.
const maxShown = 160

// excerpts cuts long texts to what differs, with some of what stands around it.
func excerpts(texts ...string) []string {
	longest := 0
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	out := make([]string, len(texts))
	if longest <= maxShown {
		copy(out, texts)
		return out
	}
	const around = 40
	lo := commonStart(texts) - around
	hi := commonEnd(texts, max(lo+around, 0)) - around
	for i, t := range texts {
		from, to := min(max(lo, 0), len(t)), len(t)-max(hi, 0)
		for from > 0 && from < len(t) && !utf8.RuneStart(t[from]) {
			from--
		}
		to = max(to, from)
		if to-from > maxShown {
			to = from + maxShown
		}
		for to < len(t) && !utf8.RuneStart(t[to]) {
			to++
		}
		out[i] = t[from:to]
		if from > 0 {
			out[i] = "…" + out[i]
		}
		if to < len(t) {
			out[i] += "…"
		}
	}
	return out
}

// commonStart is the length of what all texts but empty ones begin with.
func commonStart(texts []string) int {
	n := -1
	first := ""
	for _, t := range texts {
		switch {
		case t == "":
		case n < 0:
			n, first = len(t), t
		default:
			n = min(n, len(t))
			for i := range n {
				if t[i] != first[i] {
					n = i
					break
				}
			}
		}
	}
	return max(n, 0)
}

// commonEnd is the length of what all texts but empty ones end with, behind
// their first start bytes.
func commonEnd(texts []string, start int) int {
	n := -1
	first := ""
	for _, t := range texts {
		switch {
		case t == "":
		case n < 0:
			n, first = len(t)-start, t
		default:
			n = min(n, len(t)-start)
			for i := range n {
				if t[len(t)-1-i] != first[len(first)-1-i] {
					n = i
					break
				}
			}
		}
	}
	return max(n, 0)
}
