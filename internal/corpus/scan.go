package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"unicode/utf16"
)

// scan makes a .pdf of that size: pages that are pictures.
func scan(r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
	n := 1
	for b.Len() < size-400 {
		l := max(200, min(size-400-b.Len(), 40000+r.IntN(90000)))
		fmt.Fprintf(&b, "%d 0 obj\n<</Type/XObject/Subtype/Image/Width 1654/Height 2339/Filter/DCTDecode/Length %d>>\nstream\n", n, l)
		b.Write(noise(r, l))
		b.WriteString("\nendstream\nendobj\n")
		n++
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d>>\nstartxref\n%d\n%%%%EOF\n", n, b.Len())
	return b.Bytes()
}

// mail makes a .msg: a compound file of sectors with the text in UTF-16, the attachment and the table of sectors.
func mail(r *rand.Rand, size int, attachment []byte) []byte {
	const sector = 512
	b := append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, sector-8)...)
	for _, unit := range utf16.Encode([]rune(sentence(r, max(40, size/16)))) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	b = append(b, make([]byte, sector-len(b)%sector)...)
	b = append(b, attachment...)
	b = append(b, make([]byte, sector-len(b)%sector)...)
	for i := 1; i <= len(b)/sector; i++ {
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
	}
	return b
}
