package xlsx

import (
	"strconv"
	"testing"
)

// TestNumberKey: texts of one number have one key, however they are written.
func TestNumberKey(t *testing.T) {
	t.Parallel()
	for n := range 1_100_000 {
		text := strconv.Itoa(n)
		if key, ok := numberKey(text); !ok || key != strconv.FormatFloat(float64(n), 'g', -1, 64) {
			t.Fatalf("%s: %q %v", text, key, ok)
		}
	}
	for _, alike := range [][]string{{"0", "0.0", "00"}, {"7", "7.0", "07", "7E0"}, {"1250000", "1.25E6"}, {"0.1", ".1", "1e-1"}} {
		for _, text := range alike[1:] {
			x, _ := numberKey(alike[0])
			if y, ok := numberKey(text); !ok || x != y {
				t.Errorf("%s is %q and %s is %q", alike[0], x, text, y)
			}
		}
	}
	for _, text := range []string{"", "x", "NaN", "Inf", "1e999", "1 0"} {
		if _, ok := numberKey(text); ok {
			t.Errorf("%q is a number", text)
		}
	}
}
