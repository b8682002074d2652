package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// workbook is one that two people work in at the same time.
const workbook = "testEXCEL.xlsx"

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

	s.say("It serves, and invites Ada and Ben. An invitation is good once, and knows where the office is and by which key.")
	serving := office.serves(anyPort)
	forAda := office.invites("--name", "ada", "--level", "full", "--may-invite")
	forBen := office.invites("--name", "ben")
	ada.types("clone", forAda)
	ben.types("clone", forBen)
	s.person("eve", "Eve Stranger <eve@example.com>").typesFor(4, "clone", forBen)
	office.types("members")
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

	s.say("Both work in one workbook and one document. The work of both is there, and each place is named.")
	ada.enters(workbook, "Feuil1", "D7", "agreed to the ledger")
	ada.rewords("stress016.docx", "receive from the Practice", "receive from the practice")
	ada.types("diff")
	ada.types("sync", "-m", "squares agreed")
	ben.enters(workbook, "Feuil1", "D12", "recomputed")
	ben.rewords("stress016.docx", "to train our staff", "to train our people")
	ben.types("sync", "-m", "squares recomputed")
	ada.types("sync")
	s.equal("after both worked in the same files", office.copy(), ada.copy(), ben.copy())

	s.say("They disagree about one cell: it is named, both versions are kept, one of them decides for both.")
	ada.enters(workbook, "Feuil1", "D9", "81 is right")
	ada.types("sync", "-m", "81 checked")
	ben.enters(workbook, "Feuil1", "D9", "to be discussed")
	ben.typesFor(3, "sync", "-m", "81 asked")
	ben.typesFor(3, "conflicts")
	ben.types("resolve", workbook, "Feuil1!D9", "--theirs")
	ben.types("sync")
	ada.types("sync")
	s.equal("after the decision", office.copy(), ada.copy(), ben.copy())

	s.say("In the field, without the office: Ada's copy stands in. Ben types what he always types, in the copy he has.")
	s.stop(serving)
	field := ada.serves(anyPort, "--lan")
	ada.writes("field.txt", "Counted on site.\n")
	ada.types("commit", "-m", "count on site")
	ben.types("pull")
	ben.writes("field.txt", "Counted on site.\nRecounted: agreed.\n")
	ben.types("commit", "-m", "recount")
	ben.types("push")
	ben.types("peers")
	s.equal("in the field", ada.copy(), ben.copy())

	s.say("Someone joins them there, invited by Ada; a colleague without any network carries work on a stick.")
	cid := s.person("cid", "Cid Campeador <cid@example.com>")
	cid.types("clone", ada.invites("--name", "cid"))
	stick := filepath.Join(s.dir, "stick.bundle")
	cid.writes("cid.txt", "Stock counted by weight.\n")
	cid.types("commit", "-m", "stock")
	cid.types("bundle", "create", stick, "--since", "parent")
	ben.types("pull", stick)
	ben.types("push")
	s.equal("by stick", ada.copy(), ben.copy(), cid.copy())

	s.say("Back at the office: whoever comes first carries everything up. The office confirms Cid.")
	s.stop(field)
	serving = office.again(serving)
	ada.types("push")
	office.types("grant", "cid", "full")
	ben.types("pull")
	ben.types("status")
	s.equal("after the field work went up", office.copy(), ada.copy(), ben.copy())

	s.say("Cid leaves the firm. What he did stays; he does not get in again.")
	office.types("revoke", "cid")
	cid.types("remote", "add", "office", "ssh://"+serving.at()+"/eng1")
	cid.typesFor(4, "pull", "office")
	ben.types("pull")
	ben.types("members")
	ben.types("log", "--oneline")

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

// invites gives an invitation that the person made.
func (p *person) invites(args ...string) string {
	for line := range strings.Lines(p.types(append([]string{"invite"}, args...)...)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "esync1:") {
			return line
		}
	}
	p.failf("%s got no invitation", p.name)
	return ""
}
