package sshsig_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/esync/esync/internal/sshsig"
)

var update = flag.Bool("update", false, "write the golden files anew")

func seed(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func sign(t testing.TB, s sshsig.Signer, namespace, message string) []byte {
	t.Helper()
	sig, err := s.Sign(namespace, []byte(message))
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func TestVerify(t *testing.T) {
	t.Parallel()
	s := sshsig.FromSeed(seed(1))
	sig := sign(t, s, "commit@esync", "hello")
	if got, err := sshsig.Verify("commit@esync", []byte("hello"), sig); err != nil || got != s.Public() {
		t.Fatalf("Verify gives %q, %v; want %q", got, err, s.Public())
	}
	if strings.Count(s.Public(), " ") != 1 || !strings.HasPrefix(s.Public(), "ssh-ed25519 ") {
		t.Errorf("public line %q", s.Public())
	}
	padded := append(bytes.Clone(sig), 0)
	other := sign(t, s, "commit@esync", "other")
	for name, c := range map[string]struct {
		namespace, message string
		sig                []byte
	}{
		"another message":   {"commit@esync", "hello!", sig},
		"another namespace": {"join@esync", "hello", sig},
		"of another":        {"commit@esync", "hello", other},
		"none":              {"commit@esync", "hello", nil},
		"cut":               {"commit@esync", "hello", sig[:len(sig)-1]},
		"a byte more":       {"commit@esync", "hello", padded},
		"too long":          {"commit@esync", "hello", make([]byte, sshsig.MaxSignature+1)},
	} {
		if got, err := sshsig.Verify(c.namespace, []byte(c.message), c.sig); !errors.Is(err, sshsig.ErrSignature) || got != "" {
			t.Errorf("%s: Verify gives %q, %v", name, got, err)
		}
	}
	for i := range sig { // no byte of it may be another
		bad := bytes.Clone(sig)
		bad[i] ^= 1
		if got, err := sshsig.Verify("commit@esync", []byte("hello"), bad); err == nil {
			t.Fatalf("byte %d changed: still signed by %q", i, got)
		}
	}
	if _, err := s.Sign("", nil); err == nil {
		t.Error("signed for no purpose")
	}
}

func TestArmor(t *testing.T) {
	t.Parallel()
	sig := sign(t, sshsig.FromSeed(seed(1)), "commit@esync", "hello")
	back, err := sshsig.Unarmor(sshsig.Armor(sig))
	if err != nil || !bytes.Equal(back, sig) {
		t.Fatalf("Unarmor(Armor) gives other bytes: %v", err)
	}
	for _, text := range []string{"", "hello", "-----BEGIN X-----\n-----END X-----\n", string(sshsig.Armor(sig)) + "more"} {
		if _, err := sshsig.Unarmor([]byte(text)); !errors.Is(err, sshsig.ErrSignature) {
			t.Errorf("Unarmor(%q): %v", text, err)
		}
	}
}

// TestGolden holds the form of a signature, which commits keep for ever.
func TestGolden(t *testing.T) {
	t.Parallel()
	s := sshsig.FromSeed(seed(7))
	got := s.Public() + "\n" + hex.EncodeToString(sign(t, s, "commit@esync", "a commit")) + "\n"
	file := filepath.Join("..", "..", "testdata", "golden", "sshsig.txt")
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

func keygen(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, err := exec.Command("ssh-keygen", args...).CombinedOutput()
	return string(out), err
}

// TestStock lets OpenSSH check what this package signs, and the other way round.
func TestStock(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("SKIPPED: no ssh-keygen here, so signatures were not checked against OpenSSH")
	}
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s := sshsig.FromSeed(seed(3))
	allowed := file("allowed", "anna "+s.Public()+"\n")
	sigFile := file("sig", string(sshsig.Armor(sign(t, s, "commit@esync", "payload"))))
	verify := func(message string) error {
		cmd := exec.Command("ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "anna", "-n", "commit@esync", "-s", sigFile)
		cmd.Stdin = strings.NewReader(message)
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		return err
	}
	if err := verify("payload"); err != nil {
		t.Errorf("ssh-keygen does not take the signature: %v", err)
	}
	if err := verify("another"); err == nil {
		t.Error("ssh-keygen takes the signature of another message")
	}

	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		key := filepath.Join(dir, kind)
		if out, err := keygen(t, "-q", "-t", kind, "-N", "", "-C", "x", "-f", key); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		message := file("message-"+kind, "payload")
		if out, err := keygen(t, "-Y", "sign", "-f", key, "-n", "commit@esync", message); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		armored, err := os.ReadFile(message + ".sig")
		if err != nil {
			t.Fatal(err)
		}
		sig, err := sshsig.Unarmor(armored)
		if err != nil {
			t.Fatal(err)
		}
		private, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := gossh.ParsePrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := sshsig.Verify("commit@esync", []byte("payload"), sig); err != nil || got != sshsig.New(signer).Public() {
			t.Errorf("%s: Verify gives %q, %v", kind, got, err)
		}
		own := sign(t, sshsig.New(signer), "commit@esync", "payload")
		if _, err := sshsig.Verify("commit@esync", []byte("payload"), own); err != nil {
			t.Errorf("%s: own signature: %v", kind, err)
		}
	}
}

// FuzzVerify: whatever verifies is in its one form, and no other bytes than those that were signed do.
func FuzzVerify(f *testing.F) {
	s := sshsig.FromSeed(seed(1))
	sig := sign(f, s, "commit@esync", "hello")
	f.Add(sig)
	f.Add(sig[:40])
	f.Add([]byte("SSHSIG"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if key, err := sshsig.Verify("commit@esync", []byte("hello"), b); err == nil && key == s.Public() && !bytes.Equal(b, sig) {
			t.Errorf("a second form of the signature: %x", b)
		} else if err != nil && !errors.Is(err, sshsig.ErrSignature) {
			t.Errorf("error is not ErrSignature: %v", err)
		}
		if armored, err := sshsig.Unarmor(sshsig.Armor(b)); err != nil || !bytes.Equal(armored, b) {
			t.Errorf("armor changes %x: %v", b, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	s := sshsig.FromSeed(seed(1))
	message := bytes.Repeat([]byte("x"), 300)
	sig, _ := s.Sign("commit@esync", message)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := sshsig.Verify("commit@esync", message, sig); err != nil {
				b.Fatal(err)
			}
		}
	})
}
