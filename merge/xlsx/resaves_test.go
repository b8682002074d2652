package xlsx

import (
	"strings"
	"testing"
)

// TestWrittenOtherwise holds that what other programs write in their own way
// at every save is no change.
func TestWrittenOtherwise(t *testing.T) {
	t.Parallel()
	const styles, chart, drawing = "xl/styles.xml", "xl/charts/chart1.xml", "xl/drawings/drawing1.xml"
	base := built(t, richBook(t), func(p *parts) {
		p.replace(t, styles, `<name val="Arial"></name>`, `<name val="Arial"></name><color theme="1"/><scheme val="minor"/>`)
	})
	for _, c := range []struct{ name, part, old, now string }{
		{"colour of text", styles, `<color theme="1"/><scheme val="minor"/>`, `<color rgb="FF000000"/><charset val="1"/>`},
		{"number format", styles, `#,##0.00;[Red](#,##0.00)`, `#,##0.00;[RED]\(#,##0.00&quot;)&quot;`},
		{"numbers of axes", chart, "100000000", "23232323"},
		{"numbers of objects", drawing, `<xdr:cNvPr id="2" `, `<xdr:cNvPr id="0" `},
	} {
		again := built(t, base, func(p *parts) {
			if !strings.Contains(p.text[c.part], c.old) {
				t.Errorf("%s: part %s has no %q", c.name, c.part, c.old)
			}
			p.text[c.part] = strings.ReplaceAll(p.text[c.part], c.old, c.now)
		})
		if changes, err := Diff(base, again); err != nil || len(changes) > 0 {
			t.Errorf("%s: %v, %+v", c.name, err, changes)
		}
	}
	for _, c := range []struct{ a, b string }{
		{`0.00`, `0.000`}, {`"a"0`, `"b"0`}, {`\d0`, `d0`}, {`"h"0`, `h0`}, {`_-0`, `-0`}, {`[Red]0`, `[Blue]0`}, {`0;@`, `0;"@"`}, {`[$-409]0`, `[$-407]0`},
	} {
		if codeKey(c.a) == codeKey(c.b) {
			t.Errorf("%s is taken for %s", c.a, c.b)
		}
	}
	// A black that is the theme's own is another where the theme has it so.
	navy := built(t, base, func(p *parts) {
		p.text["xl/theme/theme1.xml"] = strings.ReplaceAll(p.text["xl/theme/theme1.xml"], `<a:sysClr val="windowText" lastClr="000000"></a:sysClr>`, `<a:srgbClr val="000080"/>`)
	})
	if b, err := openBook(navy); err != nil || b.styles.plain {
		t.Error("a navy theme is taken for black", err)
	}
}
