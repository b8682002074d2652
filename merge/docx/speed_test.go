package docx

import (
	"fmt"
	"strings"
	"testing"
)

// longDoc is the rich document with a report of n paragraphs and tables in it.
func longDoc(t testing.TB, n int) []byte {
	t.Helper()
	var b strings.Builder
	for i := range n {
		if i%20 == 19 {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(richTable, "w14:paraId=\"1", "w14:was=\"1"), "450,000", fmt.Sprint(i*1000)))
			continue
		}
		b.WriteString(`<w:p>` + run("", fmt.Sprintf("Paragraph %d of the report tells what was found about account %d, ", i, 1000+i)) +
			run("<w:b/>", fmt.Sprintf("a difference of %d", i*37)) + run("", " which the client has booked, with the voucher at hand and the tax as filed.") + `</w:p>`)
	}
	text := strings.ReplaceAll(b.String(), ` w14:was="1`, ` w:rsidR="1`)
	return edit{`<w:p w14:paraId="10000026"`, text + `<w:p w14:paraId="10000026"`}.apply(t, richDoc(t))
}

func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{10, 3000} {
		base := longDoc(b, n)
		ours := edit{"Paragraph 5 of the", "Paragraph 5 in the", "450,000", "1"}.apply(b, base)
		theirs := edit{"account 1005", "accounts 1005", "30,000", "2"}.apply(b, base)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := Merge(base, ours, theirs)
				if err != nil || r.Bytes == nil {
					b.Fatal(err, r.Conflicts)
				}
			}
		})
	}
}
