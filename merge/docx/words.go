package docx

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cut cuts a text into words, the spaces between them, and the punctuation
// behind them. A number is one word whatever is in it, so that two changes of
// it are never put together.
func cut(text string) []string {
	var list []string
	for len(text) > 0 {
		space := isSpace(text)
		n := strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) != space })
		if n < 0 {
			n = len(text)
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

func isSpace(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}

// apart tells whether a whole word stands between two changes in the text that
// is between them.
func apart(between string) bool {
	first := strings.IndexFunc(between, unicode.IsSpace)
	last := strings.LastIndexFunc(between, unicode.IsSpace)
	return first >= 0 && first < last && strings.TrimSpace(between[first:last]) != ""
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
