package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// tell is the story. What fails is kept by the stage, which then skips the rest.
func tell(s *stage, papers string) error {
	office := s.person("office", "Office <office@example.com>")
	ada := s.person("ada", "Ada Lovelace <ada@example.com>")
	ben := s.person("ben", "Ben Franklin <ben@example.com>")

	s.say("The office makes an engagement out of a folder of real documents.")
	s.copyPapers(papers, office.copy())
	office.writes("notes.txt", "Cash agreed to bank statements.\nReceivables open.\nInventory open.\n")
	office.types("init")
	office.types("commit", "-m", "first papers")

	s.say("It serves. Ada's key is not known there yet; the refusal shows the line that lets her in.")
	serving := office.serves(anyPort)
	ada.knows("office", office, serving)
	ben.knows("office", office, serving)
	office.admits(ada, ada.typesFor(4, "clone", "office:eng1"))
	office.admits(ben, ben.typesFor(4, "clone", "office:eng1"))

	s.say("Both clone over SSH: same bytes, same dates.")
	ada.types("clone", "office:eng1")
	ben.types("clone", "office:eng1")
	s.equal("after cloning", office.copy(), ada.copy(), ben.copy())

	s.say("Both work. Ada is first; Ben's push is refused until he has her work, and no one overwrites anyone.")
	ada.replaces("budget.xlsx", "date.xlsb")
	ada.writes("ada.txt", "A-12: two differences.\n")
	ada.types("status", "--short")
	ada.types("commit", "-m", "receivables")
	ada.types("push")
	ben.replaces("testWORD_features.doc", "testWORD_EMFAndAttachments.docx")
	ben.writes("notes.txt", "Cash agreed to bank statements.\nReceivables open.\nInventory counted.\n")
	ben.types("commit", "-m", "inventory")
	ben.typesFor(1, "push")
	ben.types("pull")
	ben.types("push")
	ada.types("pull")
	s.equal("after two pushes", office.copy(), ada.copy(), ben.copy())

	s.say("Both change the same workbook: a conflict, with both versions kept, decided by a person.")
	ada.replaces("budget.xlsx", "decimal-format.xlsx")
	ada.types("sync", "-m", "budget as agreed")
	ben.replaces("budget.xlsx", "comments.xlsx")
	ben.typesFor(3, "sync", "-m", "budget with comments")
	ben.typesFor(3, "conflicts")
	ben.types("resolve", "budget.xlsx", "--theirs")
	ben.types("sync")
	ada.types("sync")
	s.equal("after the decision", office.copy(), ada.copy(), ben.copy())

	s.say("In the field, without the office: Ada's copy stands in. Ben pulls from it in the copy he has.")
	s.stop(serving)
	ada.admits(ben, ben.publicLine())
	field := ada.serves(anyPort)
	ben.knows("peer-lead", ada, field)
	ada.writes("field.txt", "Counted on site.\n")
	ada.types("commit", "-m", "count on site")
	ben.types("remote", "add", "peer-lead", "ssh://peer-lead/eng1")
	ben.types("pull", "peer-lead")
	ben.writes("field.txt", "Counted on site.\nRecounted: agreed.\n")
	ben.types("commit", "-m", "recount")
	ben.types("push")
	s.equal("in the field", ada.copy(), ben.copy())

	s.say("Back at the office: whoever comes first carries everything up.")
	s.stop(field)
	serving = office.again(serving)
	ada.types("push")
	ben.types("status")
	ben.types("pull")
	s.equal("after the field work went up", office.copy(), ada.copy(), ben.copy())

	s.say("A mistake is taken back, whatever it was.")
	ben.removes("testPDF.pdf")
	ben.types("commit", "-m", "oops")
	ben.types("undo")
	ben.types("restore", "testPDF.pdf")
	ben.types("status", "--short")
	s.equal("after undo", office.copy(), ada.copy(), ben.copy())

	s.say("Everything that is kept is verified.")
	for _, p := range []*person{office, ada, ben} {
		p.types("fsck")
	}
	ada.types("log", "--graph", "--oneline")
	s.equal("at the end", office.copy(), ada.copy(), ben.copy())
	s.stop(serving)
	return s.err
}

// writes puts text into a file of the person's copy.
func (p *person) writes(name, text string) {
	if p.err == nil {
		fmt.Fprintf(p.out, "%s  (writes %s)\n", p.name, name)
		p.check(os.WriteFile(filepath.Join(p.copy(), name), []byte(text), 0o644))
	}
}

// replaces saves another real document under the name of one.
func (p *person) replaces(name, with string) {
	if p.err != nil {
		return
	}
	fmt.Fprintf(p.out, "%s  (saves %s anew)\n", p.name, name)
	content, err := os.ReadFile(filepath.Join(p.copy(), with))
	p.check(err)
	p.check(os.WriteFile(filepath.Join(p.copy(), name), content, 0o644))
}

func (p *person) removes(name string) {
	if p.err == nil {
		fmt.Fprintf(p.out, "%s  (deletes %s)\n", p.name, name)
		p.check(os.Remove(filepath.Join(p.copy(), name)))
	}
}

// publicLine is the person's key as a line of authorized_keys.
func (p *person) publicLine() string {
	if p.err != nil {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(p.home(), "id_ed25519.pub"))
	p.check(err)
	return string(text)
}

// admits lets another person in, by the line that his refusal showed.
func (p *person) admits(other *person, said string) {
	if p.err != nil {
		return
	}
	for line := range strings.Lines(said) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "hint: ")
		if strings.HasPrefix(line, "ssh-ed25519 ") {
			fmt.Fprintf(p.out, "%s  (adds %s's line to authorized_keys)\n", p.name, other.name)
			p.appends(filepath.Join(p.home(), "authorized_keys"), line+"\n")
			return
		}
	}
	p.failf("%s was not shown the line that lets him in", other.name)
}
