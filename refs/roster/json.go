package roster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// maxDepth is how deep the values of a file may nest: twice what this format needs.
const maxDepth = 16

// extra are the fields of an object that this version doesn't know, kept so that who changes something else doesn't drop
// them.
type extra map[string]json.RawMessage

// split reads an object into the struct that known points at, and keeps the rest. Names count as they are written: "Key" is
// not "key".
func (e *extra) split(b []byte, known any) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	if all == nil {
		return errors.New("null where an object should be")
	}
	names := fieldNames(reflect.TypeOf(known).Elem())
	for name := range all {
		if names[name] {
			continue
		}
		for own := range names {
			if strings.EqualFold(own, name) {
				return fmt.Errorf("field %q is almost %q", clip(name), own)
			}
		}
		if *e == nil {
			*e = extra{}
		}
		(*e)[name] = all[name]
		delete(all, name)
	}
	if *e != nil {
		var err error
		if b, err = json.Marshal(all); err != nil {
			return err
		}
	}
	return json.Unmarshal(b, known)
}

// join writes the struct's fields and behind them those that were kept.
func (e extra) join(known any) ([]byte, error) {
	b, err := compact(known)
	if err != nil || len(e) == 0 {
		return b, err
	}
	b = b[:len(b)-1] // no struct of this package is without fields
	for _, name := range slices.Sorted(maps.Keys(e)) {
		quoted, err := compact(name)
		if err != nil {
			return nil, err
		}
		b = append(append(append(append(b, ','), quoted...), ':'), e[name]...)
	}
	return append(b, '}'), nil
}

// compact is json.Marshal that leaves < and > as they are: people read these files.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func fieldNames(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names[name] = true
		}
	}
	return names
}

func encodeFile(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if b.Len() > MaxSettings {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, b.Len())
	}
	return b.Bytes(), nil
}

// decodeFile reads one JSON object that has a format and says nothing twice.
func decodeFile(b []byte, into any) error {
	if len(b) > MaxSettings {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	if err := strict(b); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if head.Format > Format {
		return fmt.Errorf("%w: format %d", ErrNewer, head.Format)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// strict refuses what parsers understand differently: a name that stands twice in an object, more than one value, and deep
// nesting.
func strict(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := strictValue(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one value")
	}
	return nil
}

func strictValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	delim, nested := t.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxDepth {
		return errors.New("nested too deeply")
	}
	seen := map[string]bool{}
	for d.More() {
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if seen[name.(string)] {
				return fmt.Errorf("%q stands twice", clip(name.(string)))
			}
			seen[name.(string)] = true
		}
		if err := strictValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
