package ssh

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for text, target := range map[string]Target{
		"parent":                {Host: "parent"},
		"ann@parent":            {User: "ann", Host: "parent"},
		"ssh://ann@parent:2222": {User: "ann", Host: "parent", Port: 2222},
		"ssh://parent/":         {Host: "parent"},
		"[2001:db8::1]:22":      {Host: "2001:db8::1", Port: 22},
		"fe80::1%eth0":          {Host: "fe80::1%eth0"},
		"ann@firm@10.0.0.1:1":   {User: "ann@firm", Host: "10.0.0.1", Port: 1},
	} {
		got, err := ParseTarget(text)
		if err != nil || got != target {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
		if again, err := ParseTarget(got.String()); err != nil || again != target {
			t.Errorf("%q comes back as %+v, %v", got.String(), again, err)
		}
	}
	for _, text := range []string{
		"", "-oProxyCommand=x", "ssh://-oProxyCommand=x", "ann@-host", "-ann@host", "@host", "a b", "host;id", "$(id)", "host:", "host:0",
		"host:65536", "host:22x", "[::1", "[::1]22", "[::1]:", "host\n", "ho\x00st", "`id`@host", "a b@host", "user\x1b@host", strings.Repeat("a", 256),
	} {
		if got, err := ParseTarget(text); !errors.Is(err, ErrTarget) {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
}

func settingsOf(t *testing.T, target Target, config string, env map[string]string) (*settings, string, error) {
	t.Helper()
	home := t.TempDir()
	write(t, filepath.Join(home, ".ssh", "config"), config)
	write(t, filepath.Join(home, ".ssh", "conf.d", "a.conf"), "Host included\n  Port 7001\n  Include conf.d/nested\nHost other\n  Port 7002\n")
	write(t, filepath.Join(home, ".ssh", "conf.d", "nested"), "User nested\nMatch exec \"true\"\n  User never\n")
	s, err := resolve(target, Config{Home: home, ConfigFile: filepath.Join(home, ".ssh", "config"), Getenv: func(name string) string { return env[name] }})
	return s, home, err
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	config := `# comment
Port=2200
Include conf.d/*.conf
Host office
	HostName real.%h.example
	User "ann"
	Port 22
	IdentityFile ~/.ssh/office_%r
	IdentityFile %d/keys/%h
	IdentitiesOnly yes
	ConnectTimeout 3
	UserKnownHostsFile ~/.ssh/kh_%n /dev/null "/with space/kh"
	StrictHostKeyChecking accept-new
	HostKeyAlias vault
	ProxyJump gate1,bob@gate2:2222
Host *.example	!not.example
	User wild
Match host office,cellar exec "touch /tmp/never"
	User evil
Match originalhost cellar user admin7
	HostName cellar.root
Match host cellar,attic
	HostName cellar.any
Match all
	ServerAliveInterval 5
Host *
	User fallback
	IdentityFile ~/.ssh/all
	IdentityAgent ~/agent.sock
	ProxyCommand exec nc -x "proxy host" %h %p
`
	s, home, err := settingsOf(t, Target{Host: "office"}, config, nil)
	if err != nil {
		t.Fatal(err)
	}
	join := func(parts ...string) string { return filepath.Join(append([]string{home}, parts...)...) }
	expected := &settings{
		target: Target{Host: "office"}, host: "real.office.example", port: 2200, user: "ann",
		identityFiles:  []string{join(".ssh", "office_ann"), join("keys", "real.office.example"), join(".ssh", "all")},
		identitiesOnly: true, agent: join("agent.sock"), knownAs: "vault:22",
		userKnown:   []string{join(".ssh", "kh_office"), "/with space/kh"},
		globalKnown: []string{filepath.Join(systemFolder(), "ssh_known_hosts"), filepath.Join(systemFolder(), "ssh_known_hosts2")},
		strict:      strictAcceptNew, jumps: []Target{{Host: "gate1"}, {User: "bob", Host: "gate2", Port: 2222}}, connect: 3 * time.Second,
	}
	if !reflect.DeepEqual(s, expected) {
		t.Errorf("office is\n%+v, expected\n%+v", s, expected)
	}
	for _, c := range []struct {
		target     Target
		host, user string
		port       int
	}{
		{Target{Host: "included"}, "included", "nested", 2200}, // the first value counts
		{Target{Host: "x.example"}, "x.example", "wild", 2200},
		{Target{Host: "not.example"}, "not.example", "fallback", 2200},
		{Target{Host: "not.example", User: "me", Port: 1}, "not.example", "me", 1},
		{Target{Host: "cellar"}, "cellar.any", "fallback", 2200},
		{Target{Host: "cellar", User: "admin7"}, "cellar.root", "admin7", 2200},
	} {
		s, _, err := settingsOf(t, c.target, config, nil)
		if err != nil || s.host != c.host || s.user != c.user || s.port != c.port {
			t.Errorf("%v is %v@%v:%v, %v", c.target, s.user, s.host, s.port, err)
			continue
		}
		if !reflect.DeepEqual(s.proxyCommand, []string{"nc", "-x", "proxy host", c.host, itoa(c.port)}) {
			t.Errorf("%v is reached through %q", c.target, s.proxyCommand)
		}
	}
}

func itoa(n int) string { return strings.TrimPrefix(Target{Host: "x", Port: n}.String(), "x:") }

func TestConfigurationDefaults(t *testing.T) {
	t.Parallel()
	s, home, err := settingsOf(t, Target{Host: "Office"}, "", map[string]string{"SSH_AUTH_SOCK": "/agent"})
	if err != nil {
		t.Fatal(err)
	}
	if s.port != 22 || s.user != localUser() || s.agent != "/agent" || s.strict != strictAsk || s.knownAs != "office:22" ||
		s.identityFiles[0] != filepath.Join(home, ".ssh", "id_ed25519") || len(s.userKnown) != 2 {
		t.Errorf("the defaults are %+v", s)
	}
}

func TestConfigurationRefused(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"host name":     "HostName -oProxyCommand=x",
		"port":          "Port 70000",
		"strictness":    "StrictHostKeyChecking perhaps",
		"timeout":       "ConnectTimeout soon",
		"jump":          "ProxyJump -x",
		"shell command": "ProxyCommand nc %h %p | tee log",
		"substitution":  "ProxyCommand nc $(cat host) %p",
		"open quote":    "ProxyCommand nc \"%h %p",
		"user":          "User $(id)",
		"include loop":  "Include config",
	} {
		if s, _, err := settingsOf(t, Target{Host: "office"}, config, nil); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if _, err := resolve(Target{Host: "x"}, Config{Home: t.TempDir(), ConfigFile: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that was named and is not there: %v", err)
	}
}

// A command that the system's administrator wrote is not run in the user's name.
func TestProxyCommandOnlyFromOwnFile(t *testing.T) {
	t.Parallel()
	system := t.TempDir()
	write(t, filepath.Join(system, "ssh_config"), "ProxyCommand nc %h %p\n")
	r := configReader{home: t.TempDir(), system: system, target: Target{Host: "office"}, found: options{}}
	if err := r.file(filepath.Join(system, "ssh_config"), false, 0); err != nil {
		t.Fatal(err)
	}
	want(t, (&settings{}).proxy(r.found, func(s string) string { return s }), ErrConfig)
}
