package ooxml

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Package is a package taken apart: parts by name, without the leading slash.
// Changes are made in memory, and Write packs the result with all that was not
// touched as it was. A Package is for one goroutine.
type Package struct {
	members []*member // in the order of the file
	parts   map[string]*member
	lower   map[string]string // part names by their lower case
	types   contentTypes
	rels    map[string]*Rels
}

type member struct {
	name    string
	file    *zip.File // nil for what was added
	data    []byte    // unpacked; nil until asked for
	changed bool
	gone    bool
}

const typesName = "[Content_Types].xml"

// Open reads the directory of a package and checks it against the limits.
func Open(pkg []byte) (*Package, error) {
	switch {
	case bytes.HasPrefix(pkg, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, unfit("it is encrypted or of the older format")
	case !bytes.HasPrefix(pkg, []byte("PK\x03\x04")):
		return nil, unfit("it is not a zip file")
	}
	zr, err := zip.NewReader(bytes.NewReader(pkg), int64(len(pkg)))
	if err != nil {
		return nil, unfit("%v", err)
	}
	if len(zr.File) > MaxMembers {
		return nil, unfit("%d members", len(zr.File))
	}
	p := &Package{parts: map[string]*member{}, lower: map[string]string{}, rels: map[string]*Rels{}}
	var packed, unpacked uint64
	for _, f := range zr.File {
		if err := checkMember(f); err != nil {
			return nil, err
		}
		packed += f.CompressedSize64
		unpacked += f.UncompressedSize64
		if packed > uint64(len(pkg)) || f.UncompressedSize64 > MaxUnpacked || unpacked > MaxUnpacked || unpacked > spareUnpacked+MaxRatio*uint64(len(pkg)) {
			return nil, unfit("unpacked it is too large")
		}
		low := strings.ToLower(f.Name)
		if _, twice := p.lower[low]; twice {
			return nil, unfit("member %q is there twice", f.Name)
		}
		p.lower[low] = f.Name
		if strings.HasSuffix(f.Name, "/") {
			continue // folders say nothing, and are not written
		}
		m := &member{name: f.Name, file: f}
		p.members = append(p.members, m)
		p.parts[f.Name] = m
	}
	if err := p.readTypes(); err != nil {
		return nil, err
	}
	return p, nil
}

func checkMember(f *zip.File) error {
	name := f.Name
	switch {
	case name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.ContainsAny(name, "\\\x00:") || name[0] == '/':
		return unfit("member name %q", name)
	case f.Flags&1 != 0:
		return unfit("member %q is encrypted", name)
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return unfit("member %q is packed by method %d", name, f.Method)
	case strings.HasSuffix(name, "/") && f.UncompressedSize64 > 0:
		return unfit("folder %q has content", name)
	}
	clean := strings.TrimSuffix(name, "/")
	if path.Clean(clean) != clean || clean == "." || clean == ".." || strings.HasPrefix(clean, "../") {
		return unfit("member name %q", name)
	}
	return nil
}

// Names lists the parts in the order of the file, those added last.
func (p *Package) Names() []string {
	names := make([]string, 0, len(p.parts))
	for _, m := range p.members {
		if !m.gone && !strings.HasSuffix(m.name, "/") {
			names = append(names, m.name)
		}
	}
	return names
}

// Find gives the part's name as the file has it: part names do not depend on
// upper and lower case.
func (p *Package) Find(name string) (string, bool) {
	if m, ok := p.parts[name]; ok && !m.gone {
		return name, true
	}
	real, ok := p.lower[strings.ToLower(name)]
	if !ok {
		return "", false
	}
	m, ok := p.parts[real]
	return real, ok && !m.gone
}

// Has tells whether the part is there.
func (p *Package) Has(name string) bool {
	m, ok := p.parts[name]
	return ok && !m.gone
}

// Bytes is a part unpacked. The caller must not change it.
func (p *Package) Bytes(name string) ([]byte, error) {
	m, ok := p.parts[name]
	if !ok || m.gone {
		return nil, unfit("part %q is missing", name)
	}
	if m.data != nil || m.file == nil {
		return m.data, nil
	}
	data, err := unpack(m.file)
	if err != nil {
		return nil, err
	}
	m.data = data
	return data, nil
}

func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, unfit("member %q: %v", f.Name, err)
	}
	defer r.Close()
	data := make([]byte, 0, f.UncompressedSize64+1)
	b := bytes.NewBuffer(data)
	n, err := io.Copy(b, io.LimitReader(r, int64(f.UncompressedSize64)+1))
	if err != nil {
		return nil, unfit("member %q: %v", f.Name, err)
	}
	if uint64(n) != f.UncompressedSize64 {
		return nil, unfit("member %q is not as long as it says", f.Name)
	}
	if crc32.ChecksumIEEE(b.Bytes()) != f.CRC32 {
		return nil, unfit("member %q is damaged", f.Name)
	}
	return b.Bytes(), nil
}

// Set replaces a part's bytes, or adds the part when it is not there; then
// contentType must be given.
func (p *Package) Set(name string, data []byte, contentType string) {
	if m, ok := p.parts[name]; ok {
		m.data, m.changed, m.gone = data, true, false
	} else {
		m := &member{name: name, data: data, changed: true}
		p.members = append(p.members, m)
		p.parts[name] = m
		p.lower[strings.ToLower(name)] = name
	}
	if contentType != "" && p.Type(name) != contentType {
		p.types.set(name, contentType)
	}
}

// Delete takes a part away with its relationships and its content type.
// Relationships to it are the caller's.
func (p *Package) Delete(name string) {
	for _, n := range []string{name, relsName(name)} {
		if m, ok := p.parts[n]; ok {
			m.gone, m.data = true, nil
			delete(p.lower, strings.ToLower(n))
		}
	}
	delete(p.rels, name)
	p.types.drop(name)
	p.types.drop(relsName(name)) // some programs give these a type of their own
}

// FreeName is a name for a new part that is not taken, like the one given:
// the digits at the end of its base count up.
func (p *Package) FreeName(like string) string {
	ext := path.Ext(like)
	stem := strings.TrimRight(strings.TrimSuffix(like, ext), "0123456789")
	for i := 1; ; i++ {
		name := stem + strconv.Itoa(i) + ext
		if _, taken := p.lower[strings.ToLower(name)]; taken {
			continue
		}
		if _, taken := p.lower[strings.ToLower(relsName(name))]; taken {
			continue
		}
		return name
	}
}

// Touched lists the members that Write will pack anew, and those that are gone.
func (p *Package) Touched() (changed, gone []string) {
	for _, m := range p.members {
		switch {
		case m.gone && m.file != nil:
			gone = append(gone, m.name)
		case m.changed && !m.gone:
			changed = append(changed, m.name)
		}
	}
	return changed, gone
}

// Write packs the package. Members that were not touched are copied as they
// stand in the file. The same changes give the same bytes.
func (p *Package) Write() ([]byte, error) {
	if err := p.flush(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range p.members {
		if m.gone {
			continue
		}
		var err error
		if m.changed {
			err = pack(w, m)
		} else {
			err = copyRaw(w, m.file)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %q: %w", m.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

// flush writes the content types and relationships that were changed into
// their parts.
func (p *Package) flush() error {
	sources := make([]string, 0, len(p.rels))
	for source, r := range p.rels {
		if r.changed {
			sources = append(sources, source)
		}
	}
	slices.Sort(sources)
	for _, source := range sources {
		r := p.rels[source]
		r.changed = false
		name := relsName(source)
		if real, ok := p.Find(name); ok {
			name = real
		}
		if len(r.List) == 0 {
			if m, ok := p.parts[name]; ok {
				m.gone = true
				delete(p.lower, strings.ToLower(name))
				p.types.drop(name)
			}
			continue
		}
		p.Set(name, r.encode(), RelsType)
	}
	if p.types.changed {
		p.Set(typesName, p.types.encode(), "")
		p.types.changed = false
	}
	return nil
}

func pack(w *zip.Writer, m *member) error {
	// 1 January 1980, as Office writes it: the file depends on no clock.
	//lint:ignore SA1019 Modified would put an extra field into the file, which Office does not write
	h := &zip.FileHeader{Name: m.name, Method: zip.Deflate, ModifiedDate: 1<<5 | 1}
	f, err := w.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = f.Write(m.data)
	return err
}

func copyRaw(w *zip.Writer, f *zip.File) error {
	h := f.FileHeader
	r, err := f.OpenRaw()
	if err != nil {
		return err
	}
	to, err := w.CreateRaw(&h)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, r)
	return err
}
