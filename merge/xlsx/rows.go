package xlsx

import (
	"math"
	"strconv"
)

// row is a row of a sheet as its part has it.
type row struct {
	r     int
	cells []cell
	rowAttrs
	// lo and hi are where it stands in the part; hi is 0 when it was made.
	lo, hi int
	// rest is what stood in it beside cells.
	rest string
	// dirty tells that it must be written anew.
	dirty bool
}

// rowAttrs is what a row says about itself.
type rowAttrs struct {
	height string // "" when the row has its default height
	custom bool   // the height was set by a person
	hidden bool
	level  string
	closed bool // "collapsed"
	style  int
	styled bool // "customFormat": the style is that of cells not there
	thick  [2]bool
	phonic bool
}

// cell is a cell as its row has it.
type cell struct {
	col    int
	style  int
	kind   valueKind
	value  string   // of <v>; of an inline string its key
	f      *formula // nil without a formula
	more   *more
	lo, hi int
}

type valueKind uint8

const (
	noValue     valueKind = iota
	numberValue           // "n"
	sharedValue           // "s": value is the index
	inlineValue           // "inlineStr"
	boolValue             // "b"
	errorValue            // "e"
	dateValue             // "d"
	textValue             // "str"
)

var kindNames = map[string]valueKind{
	"": numberValue, "n": numberValue, "s": sharedValue, "inlineStr": inlineValue, "b": boolValue, "e": errorValue, "d": dateValue, "str": textValue,
}

func (k valueKind) attr() string {
	switch k {
	case sharedValue:
		return "s"
	case inlineValue:
		return "inlineStr"
	case boolValue:
		return "b"
	case errorValue:
		return "e"
	case dateValue:
		return "d"
	case textValue:
		return "str"
	}
	return ""
}

type formulaKind uint8

const (
	plainFormula  formulaKind = iota
	sharedFormula             // one text for many cells
	arrayFormula
	tableFormula // of a data table
)

// formula is the content of an <f> element.
type formula struct {
	kind formulaKind
	text string
	ref  string // area of the master of a shared formula, of an array, of a data table
	si   string
	// rest are further attributes, as written.
	rest string
	// master tells that a shared formula has the text.
	master bool
}

// more is what few cells have.
type more struct {
	cm, vm, ph string
	rest       string // elements beside f, v and is
	inline     text
}

// numberKey is equal for texts of one number.
func numberKey(v string) (string, bool) {
	if smallInteger(v) {
		return v, true
	}
	n, ok := parseNumber(v)
	if !ok {
		return v, false
	}
	return strconv.FormatFloat(n, 'g', -1, 64), true
}

func parseNumber(v string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(v, 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// smallInteger tells whether a text is what numberKey makes of it: most are.
func smallInteger(v string) bool {
	if len(v) == 0 || len(v) > 6 || v[0] == '0' && len(v) > 1 {
		return false
	}
	for i := range len(v) {
		if v[i] < '0' || v[i] > '9' {
			return false
		}
	}
	return true
}
