package xlsx

import (
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// block is something beside cells that is compared as one: an element of a
// sheet, a list of such, a part.
type block struct {
	// key is what it is known by, label what people call it.
	key, label string
	// value is equal for what means the same.
	value string
	// items are what it is made of, when the sides may have changed different
	// ones of them; nil when it can only be taken whole.
	items []item
	// soft blocks say how a sheet is looked at; of two changes one is taken,
	// and nobody is asked.
	soft bool
	el   *etree.Element // nil where it is not one element
}

// item is one of the things that a block is made of.
type item struct {
	key, label, value string
	show              string // for people
	el                *etree.Element
	// areas are where it applies, of those that may not overlap.
	areas []area
}

// blocks are those of a sheet or a workbook by key.
type blocks map[string]*block

func (l blocks) add(b *block) {
	if len(b.items) > 0 && twice(b.items) {
		b.items = nil
	}
	if b.value == "" && b.items != nil {
		var parts []string
		for _, i := range b.items {
			parts = append(parts, i.key, i.value)
		}
		b.value = strings.Join(parts, "\x00")
	}
	l[b.key] = b
}

// twice tells whether a key is there twice.
func twice(items []item) bool {
	seen := make(map[string]bool, len(items))
	for _, i := range items {
		if seen[i.key] {
			return true
		}
		seen[i.key] = true
	}
	return false
}

// value of a block that may not be there.
func (l blocks) value(key string) string {
	if b := l[key]; b != nil {
		return b.value
	}
	return ""
}

func (l blocks) items(key string) []item {
	if b := l[key]; b != nil {
		return b.items
	}
	return nil
}

// keys of several, sorted.
func keysOf(lists ...blocks) []string {
	var keys []string
	seen := map[string]bool{}
	for _, l := range lists {
		for k := range l {
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// finder looks items up by key.
func finder(items []item) func(string) *item {
	index := make(map[string]*item, len(items))
	for i := range items {
		if index[items[i].key] == nil {
			index[items[i].key] = &items[i]
		}
	}
	return func(key string) *item { return index[key] }
}
