package refs

import (
	"errors"

	"github.com/esync/esync/internal/codec"
)

// errMalformed is the reason for which bytes with a right check are refused.
var errMalformed = errors.New("malformed")

// decoder reads the fields of one record.
type decoder struct{ codec.Decoder }

func newDecoder(b []byte) decoder { return decoder{codec.NewDecoder(b, errMalformed)} }

// name reads a name that sorts behind last.
func (d *decoder) name(last string) Name {
	s := d.Text(MaxName)
	if d.Err() != nil {
		return Name{}
	}
	n, err := ParseName(s)
	if err != nil {
		d.Fail("%v", err)
	} else if s <= last {
		d.Fail("%q stands behind %q", s, last)
	}
	return n
}

func (d *decoder) value() Value {
	v := Value(d.Text(MaxValue))
	if err := v.check(); err != nil {
		d.Fail("%v", err)
	}
	return v
}
