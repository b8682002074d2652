package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

// journalLines writes about size bytes of a general ledger as CSV, with document numbers from first on.
func journalLines(w io.Writer, r *rand.Rand, size int64, first int) error {
	var n int64
	var line []byte
	for i := first; n < size; i++ {
		line = fmt.Appendf(line[:0], "%08d;2025-%02d-%02d;%04d00;%s %s;%d.%02d;%s;user%02d\r\n", i, 1+r.IntN(12), 1+r.IntN(28),
			1000+r.IntN(900), word(r), word(r), r.IntN(1000000), r.IntN(100), [2]string{"D", "C"}[r.IntN(2)], r.IntN(40))
		n += int64(len(line))
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

const (
	// recordSize is the size of one record of our DBF files.
	recordSize = 96
	// recordCountAt is where the header of a DBF file says how many records there are.
	recordCountAt = 4
)

// tableHead is the header of a DBF file of n records.
func tableHead(n uint32) []byte {
	fields := []string{"DOCNO", "DATE", "ACCOUNT", "TEXT", "AMOUNT", "USER"}
	h := make([]byte, 32+32*len(fields)+1)
	h[0], h[1], h[2], h[3] = 3, 126, 1, 31 // dBASE III, 31 January 2026
	binary.LittleEndian.PutUint32(h[recordCountAt:], n)
	binary.LittleEndian.PutUint16(h[8:], uint16(len(h)))
	binary.LittleEndian.PutUint16(h[10:], recordSize)
	for i, name := range fields {
		field := h[32+32*i:]
		copy(field, name)
		field[11] = 'C'
		field[16] = 16
	}
	h[len(h)-1] = 0x0d
	return h
}

func tableRecords(w io.Writer, r *rand.Rand, n int) error {
	record := make([]byte, recordSize)
	for i := range n {
		s := fmt.Appendf(nil, " %08d%-8d%06d%-40.40s%14d.%02d%-6s", i, 20250101+r.IntN(330), 100000+r.IntN(900000),
			word(r)+" "+word(r), r.IntN(10000000), r.IntN(100), fmt.Sprintf("user%02d", r.IntN(40)))
		used := copy(record, s)
		copy(record[used:], bytes.Repeat([]byte{' '}, recordSize-used))
		if _, err := w.Write(record); err != nil {
			return err
		}
	}
	return nil
}
