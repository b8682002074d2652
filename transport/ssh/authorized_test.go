package ssh

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var someDay = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestParseAuthorizedKeys(t *testing.T) {
	t.Parallel()
	key := mustKey(t)
	for options, grant := range map[string]*Grant{
		``:                      {Level: "full"},
		`level="read"`:          {Level: "read"},
		`level="full"`:          {Level: "full"},
		`LEVEL="read"`:          {Level: "read"},
		`level="none"`:          nil,
		`level=read`:            nil,
		`level`:                 nil,
		`restrict`:              {Level: "full", NoRelay: true},
		`restrict,level="read"`: {Level: "read", NoRelay: true},
		`no-pty,no-X11-forwarding,no-agent-forwarding,no-port-forwarding,no-user-rc`: {Level: "full", NoRelay: true},
		`restrict,port-forwarding`:                                {Level: "full"},
		`port-forwarding,restrict`:                                {Level: "full", NoRelay: true},
		`permitopen="localhost:22",restrict,port-forwarding`:      {Level: "full", NoRelay: true},
		`restrict,port-forwarding,permitlisten="9999"`:            {Level: "full", NoRelay: true},
		`environment="A=b"`:                                       {Level: "full"},
		`engagements="eng1, eng2"`:                                {Level: "full", Engagements: []string{"eng1", "eng2"}},
		`engagements=""`:                                          nil,
		`engagements="a",engagements="b"`:                         nil,
		`expiry-time="20260302"`:                                  {Level: "full"},
		`expiry-time="20260301120001Z"`:                           {Level: "full"},
		`expiry-time="20260301120000Z"`:                           nil,
		`expiry-time="20250101"`:                                  nil,
		`expiry-time="tomorrow"`:                                  nil,
		`expiry-time="20270101",expiry-time="20250101"`:           nil,
		`from="10.0.0.0/8"`:                                       nil,
		`cert-authority`:                                          nil,
		`principals="ann"`:                                        nil,
		`verify-required`:                                         nil,
		`future-restriction`:                                      nil,
		`command="esync serve --stdio"`:                           {Level: "full"},
		`command="esync serve --stdio --level read"`:              {Level: "read"},
		`command="/usr/bin/esync serve --level=read --stdio"`:     {Level: "read"},
		`command="esync serve --readonly --stdio",level="full"`:   {Level: "read"},
		`command="esync serve --stdio --level full",level="read"`: {Level: "read"},
		`command="esync serve --stdio /one/folder"`:               nil,
		`command="esync serve --stdio --level"`:                   nil,
		`command="esync serve"`:                                   nil,
		`command="rsync --server"`:                                nil,
	} {
		line := strings.TrimSpace(options + " " + PublicLine(key, "Ann\x1b[31m Example"))
		keys, problems := ParseAuthorizedKeys(strings.NewReader("# head\n\n" + line + "\r\n"))
		got, err := keys.Authorize(key, someDay)
		if grant == nil {
			if !errors.Is(err, ErrNotAuthorized) || len(problems) == 0 && !strings.Contains(options, "expiry") {
				t.Errorf("%s: admitted as %+v, %v, %v", options, got, err, problems)
			}
			continue
		}
		if err != nil || len(problems) > 0 || got.Level != grant.Level || got.NoRelay != grant.NoRelay || !slices.Equal(got.Engagements, grant.Engagements) ||
			got.Name != "Ann?[31m Example" || got.Key != Fingerprint(key) {
			t.Errorf("%s: %+v, %v, %v", options, got, err, problems)
		}
	}
}

func TestAuthorizedKeysFile(t *testing.T) {
	t.Parallel()
	ann, bob, rob := mustKey(t), mustKey(t), mustKey(t)
	file := "level=\"read\" " + PublicLine(ann, "ann") + "\nnonsense\n" + PublicLine(ann, "ann again") + "\n" + PublicLine(bob, "bob") + "\nssh-dss AAAA old"
	keys, problems := ParseAuthorizedKeys(strings.NewReader(file))
	if len(problems) != 3 || !strings.HasPrefix(problems[0].Error(), "line 2:") || !strings.HasPrefix(problems[2].Error(), "line 5:") {
		t.Errorf("problems: %v", problems)
	}
	if grant, err := keys.Authorize(ann, someDay); err != nil || grant.Level != LevelRead {
		t.Errorf("the first line of a key does not count: %+v, %v", grant, err)
	}
	if _, err := keys.Authorize(rob, someDay); !errors.Is(err, ErrNotAuthorized) {
		t.Error("a stranger is admitted")
	}
	if _, err := (*AuthorizedKeys)(nil).Authorize(ann, someDay); !errors.Is(err, ErrNotAuthorized) {
		t.Error("no file admits someone")
	}
	if got := fmt.Sprintf("%d %s", len(keys.Grants()), keys.Grants()[1].Name); got != "2 bob" {
		t.Error(got)
	}
	if _, problems := ParseAuthorizedKeys(bytes.NewReader(make([]byte, maxAuthorized+1))); len(problems) == 0 {
		t.Error("a file without end is read")
	}
}

// Law: whoever is admitted has a level, a printable name and a key that some line of the file holds without an option that
// is refused; and a line after which nothing is admitted is reported.
func FuzzParseAuthorizedKeys(f *testing.F) {
	key := mustKey(f)
	line := PublicLine(key, "ann")
	for _, options := range []string{"", `level="read" `, `engagements="a,b",restrict `, `expiry-time="20300101" `, `from="x" `, `command="esync serve --stdio" `, `a="\"" `, `" `} {
		f.Add([]byte(options + line))
	}
	f.Add([]byte("\x00\xff\n" + line + " \u202e\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, problems := ParseAuthorizedKeys(bytes.NewReader(text))
		meaningful := 0
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
				meaningful++
			}
		}
		if len(keys.Grants())+len(problems) != meaningful {
			t.Fatalf("%d lines, %d grants, %d problems", meaningful, len(keys.Grants()), len(problems))
		}
		for _, grant := range keys.Grants() {
			if grant.Level != LevelRead && grant.Level != LevelFull || !strings.HasPrefix(grant.Key, "SHA256:") || printable(grant.Name, 300) != grant.Name {
				t.Fatalf("grant %+v", grant)
			}
			if grant.Engagements != nil && len(grant.Engagements) == 0 {
				t.Fatal("a restriction to nothing became one to everything")
			}
		}
		if bytes.Contains(text, []byte("from=")) && meaningful == 1 && bytes.HasPrefix(bytes.TrimSpace(text), []byte("from=")) && len(keys.Grants()) > 0 {
			t.Fatal("from= was passed over")
		}
	})
}
