package story

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tale is who takes part in the story, and what they remember of it.
type tale struct {
	*world
	office, lead, anna, ben, carol, dan, stranger *person

	heard   func() [][]byte         // all that the stranger heard
	at      map[*person]fs.FileInfo // the copy that each has had since the beginning
	wrote   map[string]string       // messages of commits, and who made them
	invited string                  // an invitation that was used
	hub     string                  // esync's own
}

// marker stands in a paper, and nowhere on a wire.
const marker = "Bilanz der Muster GmbH"

func newTale(t *testing.T) *tale {
	s := &tale{world: newWorld(t), at: map[*person]fs.FileInfo{}, wrote: map[string]string{}}
	s.office = s.person("office", "Olga Office <olga@firm.example>", s.officeHost, nil)
	for _, who := range []struct {
		p    **person
		name string
	}{{&s.lead, "lead"}, {&s.anna, "anna"}, {&s.ben, "ben"}, {&s.carol, "carol"}, {&s.dan, "dan"}, {&s.stranger, "stranger"}} {
		host, port := s.laptop(who.name)
		*who.p = s.person(who.name, strings.ToUpper(who.name[:1])+who.name[1:]+" <"+who.name+"@firm.example>", host, port)
	}
	s.heard = s.stranger.host.Capture().Frames
	return s
}

// members are those with a copy that are members from the beginning to the end.
func (s *tale) members() []*person { return []*person{s.office, s.lead, s.anna, s.carol, s.dan} }

// records is a commit of all changes.
func (s *tale) records(p *person, message string) {
	s.t.Helper()
	s.wrote[message] = p.name
	p.types("commit", "-m", message)
}

// equal checks that copies are at the same commit, with the same files and nothing left to do.
func (s *tale) equal(people ...*person) {
	s.t.Helper()
	first := people[0].status()
	for _, p := range people[1:] {
		if st := p.status(); st.Head != first.Head {
			s.t.Fatalf("%s is at %s, %s at %s", people[0].name, first.Head, p.name, st.Head)
		}
		if out := differs(people[0].copy(), p.copy()); out != "" {
			s.t.Fatalf("%s and %s differ: %s", people[0].name, p.name, out)
		}
	}
}

// differs names a document that two folders do not have alike.
func differs(a, b string) string {
	list := func(dir string) map[string][]byte {
		files := map[string][]byte{}
		_ = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.Name() == ".esync" {
				return fs.SkipDir
			}
			if rel, _ := filepath.Rel(dir, file); !d.IsDir() && !strings.HasPrefix(d.Name(), "~$") {
				files[rel], _ = os.ReadFile(file)
			}
			return nil
		})
		return files
	}
	left, right := list(a), list(b)
	for name, content := range left {
		if other, ok := right[name]; !ok || !bytes.Equal(content, other) {
			return name
		}
		delete(right, name)
	}
	for name := range right {
		return name
	}
	return ""
}

// inode is the folder in which a copy keeps its history: another one would be another clone.
func (s *tale) inode(p *person) fs.FileInfo {
	s.t.Helper()
	info, err := os.Stat(filepath.Join(p.copy(), ".esync"))
	s.check(err)
	return info
}

// nothingFor tries whatever somebody who is no member can try at a copy that serves. He knows its host key.
func (s *tale) nothingFor(who, serving *person) {
	s.t.Helper()
	key := strings.TrimSpace(string(s.read(filepath.Join(serving.home(), "host_ed25519.pub"))))
	host, port, _ := strings.Cut(serving.at, ":")
	who.knows("["+host+"]:"+port, strings.Join(strings.Fields(key)[:2], " "))
	refused := who.typesFor(4, "clone", "ssh://"+serving.at+"/eng1", filepath.Join(who.folder(), "taken"))
	if exists(filepath.Join(who.folder(), "taken", "notes.txt")) || strings.Contains(refused.out+refused.err, marker) {
		s.t.Fatal("somebody who is no member got papers")
	}
}

// behind lets somebody go to the lead's place at a hub, wherever that is, as he would with ssh -J. The result is the source.
func (s *tale) behind(hub string, who *person) (source string) {
	s.t.Helper()
	registered := regexp.MustCompile(`listening \S+/localhost:(\d+) `)
	var at []string
	s.lead.awaits("his copy is at the hub", func() bool {
		at = registered.FindStringSubmatch(s.lead.serving.Stdout())
		return at != nil
	})
	before := s.read(who.config())
	name := fmt.Sprintf("hidden-%d", len(before))
	s.check(os.WriteFile(who.config(), fmt.Appendf(before, "Host %s\nHostName 127.0.0.1\nPort %s\nProxyJump %s\n",
		name, at[1], strings.TrimPrefix(hub, "ssh://")), 0o600))
	key := strings.Fields(string(s.read(filepath.Join(s.lead.home(), "host_ed25519.pub"))))
	who.knows("[127.0.0.1]:"+at[1], key[0]+" "+key[1])
	return "ssh://" + name + "/eng1"
}

// notes puts a line under the person's own heading in the paper that everybody edits.
func (p *person) notes(line string) {
	p.t.Helper()
	file := filepath.Join(p.copy(), "notes.txt")
	heading := "\n" + p.name + ":\n"
	text := string(p.read(file))
	if !strings.Contains(text, heading) {
		p.t.Fatalf("no heading of %s in %q", p.name, text)
	}
	p.check(os.WriteFile(file, []byte(strings.Replace(text, heading, heading+"- "+line+"\n", 1)), 0o644))
}

// theWiFiDrops for a moment, for one after the other, until stop is called.
func (s *tale) theWiFiDrops(people ...*person) (stop func()) {
	done := make(chan struct{})
	var drops sync.WaitGroup
	drops.Go(func() {
		for i := 0; ; i++ {
			p := people[i%len(people)]
			p.port.Cut()
			select {
			case <-time.After(120 * time.Millisecond):
			case <-done:
			}
			p.port.Restore()
			select {
			case <-time.After(230 * time.Millisecond):
			case <-done:
				s.t.Logf("the Wi-Fi dropped %d times", i+1)
				return
			}
		}
	})
	stop = sync.OnceFunc(func() {
		close(done)
		drops.Wait()
	})
	s.t.Cleanup(stop)
	return stop
}

// esyncHub starts "esync hub" on the hub.
func (s *tale) esyncHub() string {
	s.t.Helper()
	hub := s.person("hub", "Hub <hub@firm.example>", s.hubHost, nil)
	var keys strings.Builder
	for _, p := range []*person{s.lead, s.anna, s.ben, s.carol, s.dan} {
		fmt.Fprintf(&keys, "%s", s.read(filepath.Join(p.home(), "id_ed25519.pub")))
	}
	s.check(os.WriteFile(filepath.Join(hub.home(), "authorized_keys"), []byte(keys.String()), 0o600))
	process, err := s.hubHost.Start(hub.command("hub", "--listen", "0.0.0.0:7474", "--authorized-keys", filepath.Join(hub.home(), "authorized_keys")))
	s.check(err)
	s.awaitPort(s.hubAddr + ":7474")
	s.t.Logf("hub$ esync hub\n%s%s", indent(process.Stdout()), indent(process.Stderr()))
	key := strings.Join(strings.Fields(string(s.read(filepath.Join(hub.home(), "host_ed25519.pub"))))[:2], " ")
	for _, p := range []*person{s.lead, s.anna, s.ben, s.carol, s.dan, s.stranger} {
		p.knows("["+s.hubAddr+"]:7474", key)
	}
	return "ssh://" + s.hubAddr + ":7474"
}

// refusesBundleOf tries to bring work of somebody who was revoked by a file.
func (s *tale) refusesBundleOf(who, at *person) {
	s.t.Helper()
	file := filepath.Join(s.dir, who.name+"-for-"+at.name)
	who.types("bundle", "create", file)
	at.typesFor(4, "pull", file)
	if exists(filepath.Join(at.copy(), "farewell.txt")) {
		s.t.Fatalf("%s has work of %s", at.name, who.name)
	}
}

// logIsRight checks that every commit that somebody made is there, by him, from his machine; and nothing of who was revoked.
func (s *tale) logIsRight(p *person) {
	s.t.Helper()
	made := map[string]bool{}
	for _, e := range p.log() {
		if e.Message == "farewell" || e.Message == "opinion" {
			s.t.Errorf("%s has %q of %s", p.name, e.Message, e.Author.Name)
		}
		who, known := s.wrote[e.Message]
		if !known {
			continue
		}
		made[e.Message] = true
		if e.Device != who || !strings.HasPrefix(e.Author.Mail, who+"@") && who != "office" {
			s.t.Errorf("%s reads that %q is by %s from %s", p.name, e.Message, e.Author.Mail, e.Device)
		}
	}
	for message, who := range s.wrote {
		if !made[message] {
			s.t.Errorf("%s does not have %q of %s", p.name, message, who)
		}
	}
	if !slices.ContainsFunc(p.log(), func(e entry) bool { return len(e.Parents) > 1 }) {
		s.t.Errorf("%s: nobody's work was joined with another's", p.name)
	}
}
