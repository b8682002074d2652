package csv_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/merge/csv"
)

// journal makes a table of so many rows.
func journal(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("Document,Date,Account,Text,Debit,Credit,Currency,User\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,2026-%02d-%02d,%d,\"Invoice %d, net\",%d.%02d,0.00,EUR,user%d\r\n", 100_000+i, i%12+1, i%28+1, 1000+i%300, i, i*37%9000, i%100, i%9)
	}
	return b.Bytes()
}

func triple(rows int) (base, ours, theirs []byte) {
	base = journal(rows)
	text := string(base)
	change := func(text string, at int, from, to string) string {
		line := strings.Index(text, fmt.Sprintf("\n%d,", 100_000+at)) + 1
		end := line + strings.IndexByte(text[line:], '\n')
		return text[:line] + strings.Replace(text[line:end], from, to, 1) + text[end:]
	}
	ours = []byte(change(change(text, rows/2, "EUR", "USD"), rows/3, "user", "boss"))
	theirs = append([]byte(change(change(text, rows/2, "user", "USER"), rows/4, "0.00", "1.00")), "900000,2026-12-31,1000,Closing,1.00,0.00,EUR,user1\r\n"...)
	return base, ours, theirs
}

// TestLarge: 60,000 rows merge, also when one side has
// numbered all rows anew or sorted them.
func TestLarge(t *testing.T) {
	t.Parallel()
	base, ours, theirs := triple(60_000)
	lines := bytes.SplitAfter(ours, []byte("\n"))
	reversed := bytes.Clone(lines[0])
	var numbered []byte
	for i := len(lines) - 2; i > 0; i-- {
		reversed = append(reversed, lines[i]...)
	}
	for i, line := range lines {
		if i > 0 && len(line) > 0 {
			line = append(fmt.Appendf(nil, "%d", 500_000+i), line[6:]...)
		}
		numbered = append(numbered, line...)
	}
	for name, ours := range map[string][]byte{"edits": ours, "sorted": reversed, "numbered anew": numbered} {
		began := time.Now()
		r, err := csv.Merge(base, ours, theirs, nil)
		took := time.Since(began)
		if err != nil || len(r.Conflicts) > 0 || len(r.Text) != len(ours)+52 && name != "edits" || !bytes.Contains(r.Text, []byte("USD,USER")) {
			t.Errorf("%s: %v %v, %d bytes, ours %d", name, err, r.Conflicts, len(r.Text), len(ours))
		}
		t.Logf("%s: %d bytes in %v", name, len(base), took)
	}
}

func BenchmarkMerge60000(b *testing.B) {
	base, ours, theirs := triple(60_000)
	b.SetBytes(int64(len(base)))
	b.ReportAllocs()
	for b.Loop() {
		if r, err := csv.Merge(base, ours, theirs, nil); err != nil || len(r.Conflicts) > 0 {
			b.Fatal(err)
		}
	}
}
