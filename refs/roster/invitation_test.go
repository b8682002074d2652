package roster_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs/roster"
)

func TestInvitationRoundTrip(t *testing.T) {
	t.Parallel()
	v := roster.Invitation{
		Engagement: objects.ID{1}, HostKey: key(t, 11), Secret: [16]byte{2}, Expires: start, Addresses: []string{"192.0.2.7:7472", "[2001:db8::1]:7472"},
	}
	text, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := roster.ParseInvitation(text)
	if err != nil || got.Engagement != v.Engagement || got.HostKey != v.HostKey || got.Secret != v.Secret || !got.Expires.Equal(v.Expires) ||
		len(got.Addresses) != 2 || got.Addresses[1] != v.Addresses[1] {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Key() != v.Key() || got.Key().String() != got.Signer().Public() {
		t.Error("both sides derive different keys")
	}
	w := v
	w.Secret[0]++
	if w.Key() == v.Key() {
		t.Error("the key does not depend on the secret")
	}
	w = v
	w.Engagement[0]++
	if w.Key() == v.Key() {
		t.Error("the key does not depend on the engagement")
	}
	for i := len(roster.InvitationPrefix); i < len(text); i++ { // no letter may be another
		b := []byte(text)
		if b[i]++; b[i] > 'z' || b[i] == '8' || b[i] > '7' && b[i] < 'a' {
			b[i] = 'a'
		}
		if bytes.Equal(b, []byte(text)) {
			continue
		}
		if _, err := roster.ParseInvitation(string(b)); err == nil {
			t.Fatalf("letter %d changed: taken", i)
		}
		if _, err := roster.ParseInvitation(text[:i]); err == nil {
			t.Fatalf("cut at %d: taken", i)
		}
	}
	v.Addresses = []string{"-oProxyCommand=x"}
	if _, err := v.Encode(); !errors.Is(err, roster.ErrMalformed) {
		t.Errorf("an address like an option: %v", err)
	}
}

// TestGoldenForms holds what travels outside of commits.
func TestGoldenForms(t *testing.T) {
	t.Parallel()
	v := roster.Invitation{Engagement: objects.ID{1}, HostKey: key(t, 11), Secret: [16]byte{2}, Expires: start, Addresses: []string{"192.0.2.7:7472"}}
	text, err := v.Encode()
	if err != nil {
		t.Fatal(err)
	}
	join, err := roster.Join{Invitation: v.Key(), Key: key(t, 5), HostKey: key(t, 15), Author: "A <a@b>", Device: "d"}.Encode(v.Engagement, signer(5), v.Signer())
	if err != nil {
		t.Fatal(err)
	}
	r := roster.Receipt{Engagement: objects.ID{1}, Line: "main", Head: objects.ID{2}, Time: start}
	receipt, err := r.Encode(signer(1))
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("invitation %s\ninvitation key %s\njoin %s\nreceipt %x\n", text, v.Key(), join, receipt)
	file := filepath.Join("..", "..", "testdata", "golden", "roster-forms.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	r := roster.Receipt{Engagement: objects.ID{1}, Line: "main", Head: objects.ID{2}, Time: start}
	b, err := r.Encode(signer(1))
	if err != nil {
		t.Fatal(err)
	}
	got, by, err := roster.DecodeReceipt(b)
	if err != nil || *got != r || by != key(t, 1) {
		t.Fatalf("%+v by %v, %v", got, by, err)
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if _, by, err := roster.DecodeReceipt(bad); err == nil && by == key(t, 1) {
			t.Errorf("byte %d changed: taken", i)
		}
		if _, _, err := roster.DecodeReceipt(b[:i]); err == nil {
			t.Errorf("cut at %d: taken", i)
		}
	}
}

// FuzzParseInvitation: what parses encodes to the same.
func FuzzParseInvitation(f *testing.F) {
	v := roster.Invitation{Engagement: objects.ID{1}, HostKey: key(f, 11), Expires: start, Addresses: []string{"a:1"}}
	text, err := v.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("esync1:aaaa")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := roster.ParseInvitation(text)
		if err != nil {
			return
		}
		again, err := v.Encode()
		if err != nil {
			t.Fatalf("parsed and not encoded: %v", err)
		}
		if w, err := roster.ParseInvitation(again); err != nil || w.Key() != v.Key() {
			t.Fatalf("not the same: %v", err)
		}
	})
}

// FuzzDecodeJoin and FuzzDecodeReceipt: nothing that was not signed passes.
func FuzzDecodeJoin(f *testing.F) {
	device, invitation := signer(5), signer(6)
	good, err := roster.Join{Invitation: key(f, 6), Key: key(f, 5), Author: "A"}.Encode(objects.ID{1}, device, invitation)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		j, err := roster.DecodeJoin(objects.ID{1}, b)
		if err == nil && j.Key == key(t, 5) && (j.Invitation != key(t, 6) || j.Author != "A" || j.Device != "" || !j.HostKey.IsZero()) {
			t.Errorf("he never said %+v", j)
		}
	})
}

func FuzzDecodeReceipt(f *testing.F) {
	r := roster.Receipt{Engagement: objects.ID{1}, Line: "main", Head: objects.ID{2}, Time: start}
	good, err := r.Encode(signer(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:50])
	f.Fuzz(func(t *testing.T, b []byte) {
		got, by, err := roster.DecodeReceipt(b)
		if err == nil && by == key(t, 1) && *got != r {
			t.Errorf("the office never said %+v", got)
		}
	})
}
