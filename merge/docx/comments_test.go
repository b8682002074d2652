package docx

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestCommentDone marks a comment done on one side: it is, and what answers it
// still does.
func TestCommentDone(t *testing.T) {
	t.Parallel()
	base := richDoc(t)
	ours := edit{"word/commentsExtended.xml", `w15:paraId="40000001" w15:done="0"`, `w15:paraId="40000001" w15:done="1"`}.apply(t, base)
	theirs := edit{"Revenue recognition", "Revenue cut-off", "Organisation of", "Structure of"}.apply(t, base)
	r, err := Merge(base, ours, theirs)
	if err != nil || len(r.Conflicts) > 0 {
		t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
	}
	mirrored(t, base, ours, theirs, r)
	both(t, base, ours, theirs, r.Bytes)
	text := unzip(t, r.Bytes).text["word/commentsExtended.xml"]
	if strings.Count(text, "<w15:commentEx ") != 2 || strings.Count(text, `w15:done="1"`) != 1 || !strings.Contains(text, "paraIdParent") {
		t.Error(text)
	}
}

// TestCommentsAlike merges a document with comments that say the same at the
// same time.
func TestCommentsAlike(t *testing.T) {
	t.Parallel()
	var entries, body strings.Builder
	for i := range 5 {
		fmt.Fprintf(&entries, `<w:comment w:id="%d" w:author="AB" w:date="2024-01-04T09:00:00Z"><w:p>%s</w:p></w:comment>`, i, run("", "agreed"))
		fmt.Fprintf(&body, `<w:p><w:commentRangeStart w:id="%[1]d"/>%[2]s<w:commentRangeEnd w:id="%[1]d"/><w:r><w:commentReference w:id="%[1]d"/></w:r></w:p>`, i, run("", fmt.Sprintf("Account %d agrees.", i)))
	}
	p := unzip(t, edit{`<w:sectPr>`, body.String() + `<w:sectPr>`}.apply(t, plainDoc(t, "The first paragraph.", "The second.", "The third.")))
	p.add("word/_rels/document.xml.rels", xmlHead+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`)
	p.relate(t, "comments.xml", xmlHead+`<w:comments`+roots+`>`+entries.String()+`</w:comments>`, "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml", "rId1", officeRel+"comments")
	base := p.zip(t)
	ours := edit{"The first", "One", "The second", "Two", "The third", "Three"}.apply(t, base)
	theirs := edit{"Account 3 agrees", "Account 3 differs"}.apply(t, base)
	var first []byte
	for range 8 {
		r, err := Merge(base, ours, theirs)
		if err != nil || len(r.Conflicts) > 0 {
			t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
		}
		if first != nil && !bytes.Equal(first, r.Bytes) {
			t.Fatal("merged again it is another document")
		}
		first = r.Bytes
	}
	both(t, base, ours, theirs, first)
}

// TestCommentsLasting has what newer programs note of comments under an ID that
// lasts: it goes with the comment, and comes with it.
func TestCommentsLasting(t *testing.T) {
	t.Parallel()
	const ids, extensible = "word/commentsIds.xml", "word/commentsExtensible.xml"
	lasting := func(data []byte, n int) []byte {
		p := unzip(t, data)
		var named, told strings.Builder
		for i := range n {
			fmt.Fprintf(&named, `<i:commentId i:paraId="4000000%d" i:durableId="2000000%[1]d"/>`, i+1)
			fmt.Fprintf(&told, `<e:commentExtensible e:durableId="2000000%d" e:dateUtc="2024-01-04T08:00:00Z"/>`, i+1)
		}
		part := func(name, tag, prefix, uri, text, kind string) {
			p.relate(t, name, xmlHead+`<`+prefix+`:`+tag+` xmlns:`+prefix+`="http://schemas.microsoft.com/office/word/`+uri+`">`+text+`</`+prefix+`:`+tag+`>`,
				"application/vnd.openxmlformats-officedocument.wordprocessingml."+tag+"+xml", "rId"+tag, "http://schemas.microsoft.com/office/"+kind+"/relationships/"+tag)
		}
		part("commentsIds.xml", "commentsIds", "i", "2016/wordml/cid", named.String(), "2016/09")
		part("commentsExtensible.xml", "commentsExtensible", "e", "2018/wordml/cex", told.String(), "2018/08")
		return p.zip(t)
	}
	with, without := lasting(richDoc(t), 2), lasting(richDoc(t), 1)
	reply := []string{
		mainPart, `<w:commentRangeStart w:id="1"/>`, "", mainPart, `<w:commentRangeEnd w:id="1"/><w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="1"/></w:r>`, "",
		"word/comments.xml", richComments[strings.Index(richComments, `<w:comment w:id="1"`):], "", "word/commentsExtended.xml", `<w15:commentEx w15:paraId="40000002" w15:paraIdParent="40000001" w15:done="0"/>`, "",
	}
	without = patched(t, without, reply...)
	text := edit{"Organisation of the group", "Structure of the group", "Revenue recognition", "Revenue cut-off"}
	for _, c := range []struct {
		base, side []byte
		want       int
	}{{with, without, 1}, {without, with, 2}} {
		other := text.apply(t, c.base)
		r, err := Merge(c.base, c.side, other)
		if err != nil || len(r.Conflicts) > 0 {
			t.Fatalf("%v, conflicts %+v", err, r.Conflicts)
		}
		mirrored(t, c.base, c.side, other, r)
		got := unzip(t, r.Bytes).text
		if strings.Count(got[ids], "<i:commentId ") != c.want || strings.Count(got[extensible], "<e:commentExtensible ") != c.want {
			t.Errorf("%s\n%s", got[ids], got[extensible])
		}
	}
}
