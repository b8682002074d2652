package ssh

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestGenerateKey(t *testing.T) {
	t.Parallel()
	private, public, err := GenerateKey(bytes.NewReader(make([]byte, 32)), "ann@office")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ParseKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePublicLine(public)
	if err != nil || Fingerprint(key) != Fingerprint(signer.PublicKey()) || !strings.HasSuffix(public, " ann@office") {
		t.Errorf("the public line is %q, %v", public, err)
	}
	if _, _, err := GenerateKey(bytes.NewReader(make([]byte, 31)), ""); err == nil {
		t.Error("too little random made a key")
	}
	for _, text := range []string{"", "nonsense", string(private[:100])} {
		if _, err := ParseKey([]byte(text)); !errors.Is(err, ErrKey) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ParsePublicLine(`level="read" ` + public); !errors.Is(err, ErrKey) {
		t.Error(err)
	}
}

func TestLoadOrCreateKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "home", "id_ed25519")
	prints := make([]string, 16)
	created := make([]bool, 16)
	var wait sync.WaitGroup
	for i := range prints {
		wait.Go(func() {
			signer, fresh, err := LoadOrCreateKey(path, rand.Reader, "ann")
			if err != nil {
				t.Error(err)
				return
			}
			prints[i], created[i] = Fingerprint(signer.PublicKey()), fresh
		})
	}
	wait.Wait()
	fresh := 0
	for i := range prints {
		if prints[i] != prints[0] {
			t.Fatalf("two keys: %v", prints)
		}
		if created[i] {
			fresh++
		}
	}
	if fresh != 1 {
		t.Errorf("%d callers say they made it", fresh)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	public, err := os.ReadFile(path + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	if key, err := ParsePublicLine(string(public)); err != nil || Fingerprint(key) != prints[0] {
		t.Errorf("the public file holds %q", public)
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
	write(t, path, "damaged")
	if _, _, err := LoadOrCreateKey(path, rand.Reader, ""); !errors.Is(err, ErrKey) {
		t.Errorf("a damaged key: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "damaged" {
		t.Error("a damaged key was replaced")
	}
}
