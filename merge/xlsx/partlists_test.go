package xlsx

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestProperties holds that what people say about a workbook is merged, and
// what programs note is nobody's change.
func TestProperties(t *testing.T) {
	t.Parallel()
	ok := must(t)
	base := richBook(t)
	props := func(title, subject, modified string) []byte {
		return edited(t, base, func(f *excelize.File) {
			ok(f.SetDocProps(&excelize.DocProperties{Title: title, Subject: subject, Creator: "xuri", Modified: modified, LastModifiedBy: modified}))
		})
	}
	r := check(t, base, props("Audit", "", "2024-01-01T10:00:00Z"), props("", "Year", "2024-02-02T10:00:00Z"))
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	f, err := excelize.OpenReader(strings.NewReader(string(r.Bytes)))
	ok(err)
	defer f.Close()
	if got, err := f.GetDocProps(); err != nil || got.Title != "Audit" || got.Subject != "Year" {
		t.Errorf("%+v, %v", got, err)
	}
	r = check(t, base, props("Audit", "", ""), props("Review", "", ""))
	if got := wheres(r.Conflicts); got != "document properties: title" {
		t.Errorf("two titles: %q", got)
	}
}
