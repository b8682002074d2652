package xlsx

import (
	"strings"
	"testing"
)

// TestRewrittenRules holds that a conditional format that both sides changed is
// told, however they changed it, and that either version can be chosen.
func TestRewrittenRules(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	const rule = `<conditionalFormatting sqref="C2:C13">`
	limit := func(n string) []byte {
		return patched(t, base, partTB, "<formula>500</formula>", "<formula>"+n+"</formula>")
	}
	wider := patched(t, base, partTB, rule, `<conditionalFormatting sqref="C2:D13">`)
	text := unzip(t, base).text[partTB]
	lo, hi := strings.Index(text, rule), strings.Index(text, "</conditionalFormatting>")+len("</conditionalFormatting>")
	gone := patched(t, base, partTB, text[lo:hi], "")
	const where = "TB conditional formats C2:C13"
	for name, sides := range map[string][2][]byte{
		"two limits": {limit("600"), limit("700")}, "limit and cells": {limit("600"), wider}, "limit and gone": {limit("600"), gone},
	} {
		if r := check(t, base, sides[0], sides[1]); wheres(r.Conflicts) != where {
			t.Errorf("%s: %q", name, wheres(r.Conflicts))
		}
		for i, side := range []Side{Ours, Theirs} {
			r, err := MergeWith(base, sides[0], sides[1], map[string]Side{where: side})
			if err != nil || r.Bytes == nil {
				t.Errorf("%s, chosen %d: %v, %q", name, side, err, wheres(r.Conflicts))
				continue
			}
			if left, err := Diff(sides[i], r.Bytes); err != nil || len(left) > 0 {
				t.Errorf("%s, chosen %d: %v, %+v", name, side, err, left)
			}
		}
	}
	if r := check(t, base, limit("600"), patched(t, limit("600"), partTB, rule, `<conditionalFormatting sqref="E2:E13"><cfRule type="duplicateValues" priority="9"/></conditionalFormatting>`+rule)); r.Bytes == nil {
		t.Errorf("changed alike: %q", wheres(r.Conflicts))
	}
}

// TestIgnoredErrors holds that what a person told the program not to mark as an
// error is not marked again.
func TestIgnoredErrors(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	ours := patched(t, base, partTB, "<legacyDrawing ", `<ignoredErrors><ignoredError sqref="E2:E13" formula="1"/></ignoredErrors><legacyDrawing `)
	r := check(t, base, ours, cellSet(t, base, "TB", "C3", 1))
	if r.Bytes == nil || !strings.Contains(unzip(t, r.Bytes).text[partTB], `sqref="E2:E13" formula="1"`) {
		t.Error(wheres(r.Conflicts))
	}
}

// TestBarsOfNewerKind holds that what says more of the bars of one rule does not
// keep the other side from adding rules.
func TestBarsOfNewerKind(t *testing.T) {
	t.Parallel()
	base := richBook(t)
	const list = `<conditionalFormatting sqref="C2:C13">`
	bars := func(rank string) []byte {
		return patched(t, base,
			partTB, list, `<conditionalFormatting sqref="D2:D13"><cfRule type="dataBar" priority="2"><dataBar><cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar>`+
				`<extLst><ext uri="{B025F937-C7B1-47D3-B67F-A62EFF666E3E}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:id>{AAAAAAAA-0000-0000-0000-000000000001}</x14:id></ext></extLst></cfRule></conditionalFormatting>`+list,
			partTB, `</worksheet>`, `<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings>`+
				`<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule type="dataBar"`+rank+` id="{AAAAAAAA-0000-0000-0000-000000000001}"><x14:dataBar><x14:cfvo type="autoMin"/><x14:cfvo type="autoMax"/></x14:dataBar></x14:cfRule><xm:sqref>D2:D13</xm:sqref></x14:conditionalFormatting>`+
				`</x14:conditionalFormattings></ext></extLst></worksheet>`)
	}
	other := patched(t, base, partTB, list, `<conditionalFormatting sqref="E2:E13"><cfRule type="duplicateValues" priority="2"/></conditionalFormatting>`+list)
	r := check(t, base, bars(""), other)
	if r.Bytes == nil {
		t.Fatal(wheres(r.Conflicts))
	}
	if text := unzip(t, r.Bytes).text[partTB]; !strings.Contains(text, "duplicateValues") || strings.Count(text, "{AAAAAAAA-0000") != 2 {
		t.Error(text)
	}
	for _, sides := range [][2][]byte{{bars(` priority="3"`), other}, {other, bars(` priority="3"`)}} {
		if r, err := Merge(base, sides[0], sides[1]); err == nil || len(r.Changes)+len(r.Kept) > 0 {
			t.Errorf("rules in one order: %v, %+v", err, r)
		}
	}
}
