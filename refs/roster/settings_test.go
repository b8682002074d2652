package roster_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/esync/esync/internal/sshsig"
	"github.com/esync/esync/refs/roster"
)

var update = flag.Bool("update", false, "write the golden files anew")

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func signer(n byte) sshsig.Signer { return sshsig.FromSeed(bytes.Repeat([]byte{n}, 32)) }

func key(t testing.TB, n byte) roster.Key {
	t.Helper()
	k, err := roster.ParseKey(signer(n).Public())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// office has an admin (1), a lead who may invite (2), a reader (3) and one who was revoked (4).
func office(t testing.TB) *roster.Settings {
	return &roster.Settings{
		Format: 1, Engagement: "eng1", Nonce: roster.Secret{1}, Discovery: roster.Secret{2},
		Hubs: []string{"ssh://hub.example.org"}, Ignore: []string{"*.bak"}, Merge: map[string]string{"*.log": "union"},
		Members: []roster.Member{
			{Name: "lead", Key: key(t, 2), HostKey: key(t, 12), Level: roster.Full, MayInvite: true, Author: "Lee Lead <lee@firm.example>",
				Device: "lee-laptop", Addresses: []string{"192.0.2.7:7472"}, InvitedBy: key(t, 1), Joined: start},
			{Name: "office", Key: key(t, 1), HostKey: key(t, 11), Level: roster.Admin, Author: "Office <office@firm.example>"},
			{Name: "old", Key: key(t, 4), Level: roster.None, Revoked: start},
			{Name: "reviewer", Key: key(t, 3), Level: roster.Read, Expires: start.Add(24 * time.Hour)},
		},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	got, err := office(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "testdata", "golden", "settings-v1.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	s, err := roster.Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Encode(); err != nil || !bytes.Equal(again, want) {
		t.Errorf("decoded and encoded again: %v\n%s", err, again)
	}
}

func TestLevelOf(t *testing.T) {
	t.Parallel()
	s := office(t)
	for _, c := range []struct {
		key  byte
		at   time.Time
		want roster.Level
	}{
		{1, start, roster.Admin}, {2, start, roster.Full}, {3, start, roster.Read}, {4, start, roster.None}, {5, start, roster.None},
		{3, start.Add(24*time.Hour - 1), roster.Read}, {3, start.Add(24 * time.Hour), roster.None},
	} {
		if got := s.LevelOf(key(t, c.key), c.at); got != c.want {
			t.Errorf("key %d at %v: %v, want %v", c.key, c.at, got, c.want)
		}
	}
	if got := s.LevelOf(roster.Key{}, start); got != roster.None {
		t.Errorf("no key: %v", got)
	}
	if m := s.ByName("LEAD"); m == nil || m.Name != "lead" {
		t.Errorf("ByName finds %v", m)
	}
	if m := s.ByHostKey(key(t, 12)); m == nil || m.Name != "lead" {
		t.Errorf("ByHostKey finds %v", m)
	}
	if m := s.ByHostKey(roster.Key{}); m != nil {
		t.Errorf("no host key is that of %q", m.Name)
	}
}

// TestUnknownFields: what a newer esync wrote is kept by those who change something else.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	b, err := office(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), `"format": 1,`, `"format": 1, "zone": {"b": [1.50, "<x>"], "a": 1}, "area": null,`, 1)
	text = strings.Replace(text, `"name": "lead",`, `"name": "lead", "phone": "+41",`, 1)
	s, err := roster.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s = s.Clone()
	s.ByName("lead").Level = roster.Read
	out, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"phone": "+41"`, `1.50,`, `"<x>"`, `"area": null`, `"a": 1`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s was dropped:\n%s", want, out)
		}
	}
	if again, err := roster.Decode(out); err != nil {
		t.Error(err)
	} else if twice, _ := again.Encode(); !bytes.Equal(twice, out) {
		t.Error("a second round changes the file")
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	b, err := office(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in\n%s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing":             {"", roster.ErrMalformed},
		"null":                {"null", roster.ErrMalformed},
		"a newer format":      {replace(`"format": 1`, `"format": 2`), roster.ErrNewer},
		"no format":           {replace(`"format": 1,`, ``), roster.ErrMalformed},
		"two values":          {good + good, roster.ErrMalformed},
		"a field twice":       {replace(`"name": "lead"`, `"name": "x", "name": "lead"`), roster.ErrMalformed},
		"a field in capitals": {replace(`"level": "full"`, `"level": "read", "LEVEL": "admin"`), roster.ErrMalformed},
		"another level":       {replace(`"level": "full"`, `"level": "god"`), roster.ErrMalformed},
		"a name twice":        {replace(`"name": "old"`, `"name": "office"`), roster.ErrMalformed},
		"a name in capitals":  {replace(`"name": "old"`, `"name": "ofFICE"`), roster.ErrMalformed},
		"out of order":        {replace(`"name": "lead"`, `"name": "zed"`), roster.ErrMalformed},
		"a key twice":         {strings.ReplaceAll(good, key(t, 4).String(), key(t, 1).String()), roster.ErrMalformed},
		"a key with comment":  {replace(key(t, 4).String(), key(t, 4).String()+" me"), roster.ErrMalformed},
		"no key":              {replace(key(t, 4).String(), ""), roster.ErrMalformed},
		"another type of key": {replace("ssh-ed25519 ", "ssh-rsa "), roster.ErrMalformed},
		"control characters":  {replace("lee-laptop", `lee\u001b[2J`), roster.ErrMalformed},
		"a bad name":          {replace(`"name": "lead"`, `"name": "-o"`), roster.ErrMalformed},
		"a bad engagement":    {replace(`"eng1"`, `"a/b"`), roster.ErrMalformed},
		"deep":                {replace(`"format": 1,`, `"format": 1, "x": `+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`,`), roster.ErrMalformed},
		"too long":            {good + strings.Repeat(" ", roster.MaxSettings), roster.ErrMalformed},
	} {
		if _, err := roster.Decode([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	k := key(t, 1)
	if got, err := roster.ParseKey("  " + k.String() + "  anna@laptop\n"); err != nil || got != k {
		t.Errorf("with a comment: %v, %v", got, err)
	}
	if got := roster.KeyOf(k.Public()); got != k {
		t.Errorf("KeyOf(Public) gives %v", got)
	}
	if f := k.Fingerprint(); len(f) != 50 || !strings.HasPrefix(f, "SHA256:") {
		t.Errorf("fingerprint %q", f)
	}
	if len(k.Tag()) != 16 || k.Tag() == key(t, 2).Tag() {
		t.Errorf("tag %q", k.Tag())
	}
	for _, text := range []string{"", "ssh-ed25519", "ssh-rsa AAAA", "ssh-ed25519 AAAA", k.String()[:len(k.String())-4]} {
		if _, err := roster.ParseKey(text); !errors.Is(err, roster.ErrKey) {
			t.Errorf("ParseKey(%q): %v", text, err)
		}
	}
}

func TestSameAuthor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Anna <a@x.example>", "Anna <a@x.example>", true},
		{"Anna <a@x.example>", "ANNA  <A@X.example>", true},
		{"Anna <a@x.example>", "Berta <A@x.example>", true},
		{"Anna <a@x.example>", "Anna <b@x.example>", false},
		{"Anna", "anna", true},
		{"Anna", "Anna <a@x.example>", false},
		{"", "", false},
		{"Anna <>", "Berta <>", false},
	} {
		if got := roster.SameAuthor(c.a, c.b); got != c.want {
			t.Errorf("SameAuthor(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

// FuzzDecode: what is decoded encodes, and what was encoded decodes to the same.
func FuzzDecode(f *testing.F) {
	b, err := office(f).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format":1,"engagement":"e","nonce":"","discovery":"","members":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := roster.Decode(b)
		if err != nil {
			return
		}
		once, err := s.Encode()
		if err != nil {
			if len(b) > roster.MaxSettings/8 {
				return // indented it is too long
			}
			t.Fatalf("decoded settings don't encode: %v", err)
		}
		again, err := roster.Decode(once)
		if err != nil {
			t.Fatalf("encoded settings don't decode: %v\n%s", err, once)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("two forms: %v\n%s\n%s", err, once, twice)
		}
	})
}

// FuzzDecodeAdmissions is the same law for admissions.
func FuzzDecodeAdmissions(f *testing.F) {
	a := roster.Admissions{Members: []roster.Member{{Name: "new", Key: key(f, 9), Level: roster.Read, Expires: start}}}
	b, err := a.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format":1,"members":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := roster.DecodeAdmissions(b)
		if err != nil || len(b) > roster.MaxSettings/8 {
			return
		}
		once, err := a.Encode()
		if err != nil {
			t.Fatalf("decoded admissions don't encode: %v", err)
		}
		again, err := roster.DecodeAdmissions(once)
		if err != nil {
			t.Fatalf("encoded admissions don't decode: %v\n%s", err, once)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("two forms: %v\n%s\n%s", err, once, twice)
		}
	})
}
