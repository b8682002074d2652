package codec_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/esync/esync/internal/codec"
)

var errTest = errors.New("not a record")

func TestFields(t *testing.T) {
	t.Parallel()
	id := [32]byte{1, 31: 2}
	b := append([]byte{7}, id[:]...)
	b = binary.LittleEndian.AppendUint64(b, 1<<63)
	b = binary.AppendUvarint(b, 300)
	b = binary.AppendVarint(b, -300)
	b = binary.AppendUvarint(b, 2)
	b = codec.AppendString(b, "été")
	b = codec.AppendString(b, []byte{0xff})
	d := codec.NewDecoder(append(b, "rest"...), errTest)
	if v := d.Byte(); v != 7 {
		t.Error(v)
	}
	if v := d.ID(); v != id {
		t.Error(v)
	}
	if v := d.Uint64(); v != 1<<63 {
		t.Error(v)
	}
	if v := d.Number(300); v != 300 {
		t.Error(v)
	}
	if v := d.Varint(); v != -300 {
		t.Error(v)
	}
	if v := d.Count(5, 2); v != 2 {
		t.Error(v)
	}
	if v := d.Text(5); v != "été" {
		t.Error(v)
	}
	if v := d.Bytes(1); string(v) != "\xff" || cap(v) != 1 {
		t.Error(v, cap(v))
	}
	if v := string(d.Rest()); v != "rest" {
		t.Error(v)
	}
	if err := d.Err(); err != nil {
		t.Error(err)
	}
}

// TestWrong: what is wrong is named, wraps the caller's error, and everything
// that is read behind it is zero.
func TestWrong(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		b    string
		read func(d *codec.Decoder)
	}{
		"cut short":                       {"abc", func(d *codec.Decoder) { d.Take(4) }},
		"bad number":                      {"\xff\xff", func(d *codec.Decoder) { d.Uvarint() }},
		"number not in its shortest form": {"\x81\x00", func(d *codec.Decoder) { d.Uvarint() }},
		"number 5 is over 4":              {"\x05", func(d *codec.Decoder) { d.Number(4) }},
		"count 3 is too great":            {"\x03aaaaa", func(d *codec.Decoder) { d.Count(2, 9) }},
		"count 2 is too great":            {"\x02aaaaa", func(d *codec.Decoder) { d.Count(2, 1) }},
		"string of 4 bytes is cut short":  {"\x04abc", func(d *codec.Decoder) { d.Bytes(9) }},
		"text is not valid UTF-8":         {"\x01\xff", func(d *codec.Decoder) { d.Text(9) }},
		"1 bytes after the end":           {"ab", func(d *codec.Decoder) { d.Byte() }},
		"named by the caller":             {"ab", func(d *codec.Decoder) { d.Fail("named by the caller"); d.Fail("later") }},
	} {
		d := codec.NewDecoder([]byte(c.b), errTest)
		c.read(&d)
		err := d.End()
		if !errors.Is(err, errTest) || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%v, want %s", err, want)
		}
		if d.Byte() != 0 || d.Uvarint() != 0 || d.Text(9) != "" || d.ID() != [32]byte{} || d.Rest() != nil || !errors.Is(d.Err(), err) {
			t.Errorf("%s: something is read behind it", want)
		}
	}
}
