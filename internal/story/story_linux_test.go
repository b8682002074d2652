package story

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStory(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	s.theOfficeInvites()
	s.theTeamIsAtTheClient()
	s.theyWorkForDays()
	s.aLaptopDiesInMidPush()
	s.stationsAreIsolated()
	s.oneHasNoNetwork()
	s.oneLeavesTheFirm()
	s.backAtTheHotel()
	s.allIsAsItShouldBe()
}

func (s *tale) theOfficeInvites() {
	s.say("The office makes engagement eng1 and serves it. It invites the lead and two staff members with full access, and a reviewer.")
	s.check(os.MkdirAll(s.office.copy(), 0o755))
	all, err := os.ReadDir(papers(""))
	s.check(err)
	for _, e := range all {
		s.office.writes(e.Name(), s.read(papers(e.Name())))
	}
	s.office.writes("checklist.xlsx", s.read(save(0)))
	s.office.writes("notes.txt", []byte(marker+"\n\nlead:\n\n\n\nanna:\n\n\n\nben:\n\n\n\n"))
	s.office.types("init", "--name", "eng1")
	s.records(s.office, "papers of last year")
	s.office.serves()
	for _, p := range []*person{s.lead, s.anna, s.ben, s.carol} {
		args := []string{"invite", "--name", p.name, "--level", "full"}
		switch p {
		case s.carol:
			args[len(args)-1] = "read"
		case s.lead:
			args = append(args, "--may-invite")
		}
		invitation := strings.TrimSpace(s.office.types(args...).out)
		if !strings.HasPrefix(invitation, "esync1:") || strings.ContainsAny(invitation, " \n") {
			s.t.Fatalf("an invitation is %q", invitation)
		}
		p.types("clone", invitation)
		s.at[p], s.invited = s.inode(p), invitation
	}
	// On Friday everybody is at the office once more, and hears of who came after him.
	for _, p := range []*person{s.lead, s.anna, s.ben, s.carol} {
		p.types("pull")
	}
	s.equal(s.office, s.lead, s.anna, s.ben, s.carol)

	s.say("An invitation serves once, and a stranger gets nothing.")
	s.stranger.typesFor(4, "clone", s.invited)
	s.nothingFor(s.stranger, s.office)
}

func (s *tale) theTeamIsAtTheClient() {
	s.say("Next week, at the client's, there is no VPN. The lead serves; the others pull and push in the copies they have.")
	s.vpnIsSilent()
	s.lead.writes("count.txt", []byte("Counted on site.\n"))
	s.records(s.lead, "count on site")
	s.lead.serves()

	s.anna.saves("budget.xlsx", s.read(papers("decimal-format.xlsx")))
	s.records(s.anna, "budget of the client")
	pulled := s.anna.types("pull")
	s.anna.reads(pulled.err, "out of reach", `"lead"`, "stands in")
	pushed := s.anna.types("push")
	s.anna.reads(pushed.err, "out of reach", `"lead"`, "stands in")
	for _, x := range []said{pulled, pushed} {
		if x.took > 15*time.Second {
			s.t.Errorf("it took %v until the lead stood in", x.took)
		}
	}
	if !s.lead.has("budget.xlsx", s.read(papers("decimal-format.xlsx"))) {
		s.t.Error("anna's budget is not in the lead's folder")
	}
	s.ben.types("pull")
	s.carol.types("pull")
	s.equal(s.lead, s.anna, s.ben, s.carol)

	s.say("The reviewer reads, and does not write.")
	s.carol.writes("opinion.txt", []byte("Looks fine.\n"))
	s.carol.types("commit", "-m", "opinion")
	s.carol.typesFor(4, "push")
	s.carol.types("undo")
	s.check(os.Remove(filepath.Join(s.carol.copy(), "opinion.txt")))
	s.equal(s.lead, s.carol)

	s.say("The lead admits a trainee in the field, at most at his own level; his copy is a child of the lead's.")
	s.lead.tries("invite", "--name", "boss", "--level", "admin")
	s.dan.types("clone", strings.TrimSpace(s.lead.types("invite", "--name", "dan", "--level", "full").out))
	s.at[s.dan] = s.inode(s.dan)
	s.equal(s.lead, s.dan)
	s.nothingFor(s.stranger, s.lead)
}

// theyWorkForDays while the Wi-Fi drops again and again.
func (s *tale) theyWorkForDays() {
	s.vpnIsOff()
	s.say("They work for days, Excel files open on every laptop, and the Wi-Fi drops all the time.")
	stop := s.theWiFiDrops(s.anna, s.ben)
	for day := 1; day <= 3; day++ {
		closes := s.ben.opens("checklist.xlsx")
		s.anna.saves("checklist.xlsx", s.read(save(day)))
		s.anna.notes(fmt.Sprintf("day %d", day))
		s.wrote[fmt.Sprintf("anna, day %d", day)] = "anna"
		s.anna.types("sync", "-m", fmt.Sprintf("anna, day %d", day))

		s.ben.notes(fmt.Sprintf("day %d", day))
		s.ben.writes(fmt.Sprintf("ben/%d.txt", day), []byte("Vouched.\n"))
		s.wrote[fmt.Sprintf("ben, day %d", day)] = "ben"
		s.ben.types("sync", "-m", fmt.Sprintf("ben, day %d", day))
		if s.ben.has("checklist.xlsx", s.read(save(day))) {
			s.t.Errorf("day %d: a workbook that is open was overwritten", day)
		}
		closes()

		s.lead.notes(fmt.Sprintf("day %d", day))
		s.records(s.lead, fmt.Sprintf("lead, day %d", day))
		s.inTheEvening(s.anna, s.ben)
		if !s.ben.has("checklist.xlsx", s.read(save(day))) {
			s.t.Errorf("day %d: the workbook did not follow when it was closed", day)
		}
	}
	stop()

	s.say("Serving does not disturb the lead: what arrives for a paper that he is editing waits for his sync.")
	s.lead.notes("not recorded yet")
	mine := s.lead.read(filepath.Join(s.lead.copy(), "notes.txt"))
	s.anna.notes("late")
	s.records(s.anna, "anna, late")
	s.anna.types("push")
	if !s.lead.has("notes.txt", mine) {
		s.t.Error("the lead's unsaved work was overwritten")
	}
	s.wrote["lead, late"] = "lead"
	joined := s.lead.typesFor(1, "sync", "-m", "lead, late") // with nobody else in reach
	s.lead.reads(joined.out, "joined 1 commit that had arrived")
	if notes := string(s.lead.read(filepath.Join(s.lead.copy(), "notes.txt"))); !strings.Contains(notes, "- late\n") || !strings.Contains(notes, "- not recorded yet\n") {
		s.t.Errorf("the lead's notes are\n%s", notes)
	}
	s.inTheEvening(s.anna, s.ben)
	s.carol.types("pull")
	s.dan.types("pull")
	s.equal(s.lead, s.anna, s.ben, s.carol, s.dan)
}

// inTheEvening all sync at once.
func (s *tale) inTheEvening(people ...*person) {
	s.t.Helper()
	var all sync.WaitGroup
	results := make([]said, len(people))
	for i, p := range people {
		all.Go(func() { results[i] = p.tries("sync") })
	}
	all.Wait()
	for i, p := range people {
		if results[i].code != 0 {
			s.t.Fatalf("%s: sync ends with %d: %s", p.name, results[i].code, results[i].err)
		}
	}
}

func (s *tale) aLaptopDiesInMidPush() {
	s.say("One laptop dies in mid-push.")
	const size = 6 << 20
	scan := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(scan)
	s.ben.writes("scan.pdf", scan)
	s.records(s.ben, "scan of the contracts")
	before, _ := s.ben.port.Passed()
	sent := func() int64 { now, _ := s.ben.port.Passed(); return now - before }
	push, err := s.ben.host.Start(s.ben.command("push", "--limit-rate", "4M"))
	s.check(err)
	s.ben.awaits("half is sent", func() bool { return sent() > size/2 })
	push.Kill()
	first := sent()
	if first > size {
		s.t.Fatalf("%d bytes were sent before the laptop died: the push was over", first)
	}
	s.ben.types("push")
	if total := sent(); total > size+size/8 {
		s.t.Errorf("%d bytes were sent before the laptop died, and %d in all, for %d", first, total, size)
	}
	if !s.lead.has("scan.pdf", scan) {
		s.t.Error("the scan is not in the lead's folder")
	}
	s.anna.types("pull")
	s.equal(s.lead, s.anna, s.ben)
}

func (s *tale) stationsAreIsolated() {
	if at := s.anna.status().Arrived; at == nil || at.All || at.Missing == 0 || at.Time == "" {
		s.t.Errorf("in the field, anna reads of the top-level parent %+v", at)
	}
	s.say("The client's Wi-Fi isolates stations: they go through a hub, with the same levels. First any sshd.")
	s.wifi.Isolate(true)
	hubHears := s.hubHost.Capture()
	sshd, log := s.sshd(s.lead, s.anna, s.ben, s.carol, s.dan, s.stranger)
	s.through(sshd, "any sshd")
	s.stranger.typesFor(4, "clone", s.behind(sshd, s.stranger), filepath.Join(s.stranger.folder(), "taken"))
	s.t.Logf("sshd had %d connections", strings.Count(log(), "Connection from "))
	if strings.Contains(log(), "MaxStartups") {
		s.t.Error("so many connections at once that sshd refused some")
	}

	s.say("Then a hub of esync's own.")
	s.hub = s.esyncHub()
	s.through(s.hub, "esync hub")
	s.stranger.typesFor(4, "clone", s.behind(s.hub, s.stranger), filepath.Join(s.stranger.folder(), "taken"))
	if shown := shows(hubHears.Stop(), marker, "eng1", "notes.txt", "checklist", "firm.example"); len(shown) > 0 {
		s.t.Errorf("the hub sees %q", shown)
	}
}

// through is a day by way of a hub.
func (s *tale) through(hub, name string) {
	s.t.Helper()
	s.lead.stops()
	s.lead.serves("--via", hub)
	s.anna.notes("through " + name)
	s.records(s.anna, "anna, through "+name)
	pushed := s.anna.types("push", "--via", hub)
	s.anna.reads(pushed.err, "out of reach", `"lead"`, "stands in")
	s.ben.types("pull", "--via", hub)
	s.carol.types("pull", "--via", hub)
	s.carol.writes("opinion.txt", []byte("Looks fine through the hub.\n"))
	s.carol.types("commit", "-m", "opinion")
	s.carol.typesFor(4, "push", "--via", hub)
	s.carol.types("undo")
	s.check(os.Remove(filepath.Join(s.carol.copy(), "opinion.txt")))
	s.equal(s.lead, s.anna, s.ben, s.carol)
}

func (s *tale) oneHasNoNetwork() {
	s.say("One colleague has no network at all and uses a USB stick.")
	s.ben.port.Unplug()
	s.lead.notes("for the stick")
	s.records(s.lead, "lead, for the stick")
	stick := filepath.Join(s.dir, "stick")
	s.lead.types("bundle", "create", stick, "--since", "parent")
	s.ben.types("pull", stick)
	s.ben.notes("from the stick")
	s.records(s.ben, "ben, without a network")
	back := filepath.Join(s.dir, "back")
	s.ben.types("bundle", "create", back, "--since", "lead")
	s.lead.types("pull", back)
	s.equal(s.lead, s.ben)
	info, err := os.Stat(back)
	s.check(err)
	if info.Size() > 64<<10 {
		s.t.Errorf("a bundle of one line has %d bytes", info.Size())
	}
	if content := s.read(back); bytes.Contains(content, []byte(marker)) || bytes.Contains(content, []byte("notes.txt")) {
		s.t.Error("whoever finds the stick reads it")
	}
	s.ben.port.Plug()
	s.wifi.Isolate(false)
}

func (s *tale) oneLeavesTheFirm() {
	s.say("Ben leaves the firm: the office revokes his key. The lead hears of it in a moment of VPN.")
	s.lead.stops()
	s.lead.serves("--via", s.hub)
	s.ben.types("pull") // until then he comes in
	behind := s.behind(s.hub, s.ben)
	s.ben.types("pull", behind)
	s.office.types("revoke", "ben")
	s.vpnIsBack()
	s.lead.types("pull")
	s.vpnIsOff()

	s.say("From the next contact on, every copy refuses him.")
	s.ben.writes("farewell.txt", []byte("So long.\n"))
	s.ben.types("commit", "-m", "farewell")
	s.ben.typesFor(4, "push", "ssh://"+s.lead.at+"/eng1")
	s.ben.typesFor(4, "pull", "ssh://"+s.lead.at+"/eng1")
	if s.ben.tries("pull", behind).code == 0 { // 1 when the lead has taken another place there, which ben cannot know
		s.t.Error("ben came in through the hub")
	}
	s.refusesBundleOf(s.ben, s.lead)
	// Anna has not been at the office; she hears of it from the lead.
	s.anna.types("pull")
	s.lead.stops()
	s.anna.serves()
	s.ben.typesFor(4, "push", "ssh://"+s.anna.at+"/eng1")
	s.refusesBundleOf(s.ben, s.anna)
	if s.ben.tries("pull").code == 0 {
		s.t.Error("somebody let ben in")
	}
	s.carol.types("pull") // from anna
	s.anna.stops()
	// Whatever is written from now on is not for him.
	secret := filepath.Join(s.dir, "after")
	s.anna.types("bundle", "create", secret)
	if got := s.ben.tries("pull", secret); got.code != 4 {
		s.t.Errorf("ben's pull from a bundle that is not for him ends with %d", got.code)
	}
}

func (s *tale) backAtTheHotel() {
	s.say("Back at the hotel, whichever laptop reaches the office first carries everybody's work up; the rest get it down.")
	s.vpnIsBack()
	up := s.anna.types("sync")
	if strings.Contains(up.err, "out of reach") {
		s.t.Error("the office is there")
	}
	s.equal(s.office, s.anna)
	s.office.types("grant", "dan", "full") // countersigns what the lead did
	s.lead.types("sync")
	s.carol.types("sync")
	s.lead.serves()
	s.dan.types("sync") // from the lead's copy, his parent
	s.dan.writes("trainee.txt", []byte("Footed and cross-footed.\n"))
	s.wrote["the trainee's first"] = "dan"
	s.dan.types("sync", "-m", "the trainee's first")
	s.lead.types("sync") // carries it on up
	s.anna.types("sync")
	s.carol.types("sync")
	s.dan.types("sync")
}

func (s *tale) allIsAsItShouldBe() {
	s.say("All histories are equal, nothing is sent twice, nobody has cloned again, and the log shows who did what from where.")
	s.equal(s.members()...)
	if at := s.anna.status().Arrived; at == nil || !at.All || at.Head != s.office.status().Head {
		s.t.Errorf("anna reads of the top-level parent %+v", at)
	}
	for _, p := range s.members() {
		p.types("fsck")
		s.logIsRight(p)
		if before := s.at[p]; before != nil && !os.SameFile(before, s.inode(p)) {
			s.t.Errorf("%s has cloned again", p.name)
		}
		if p == s.office {
			continue
		}
		if x := p.exchanges("sync"); x.Commits != 0 || x.BytesSent+x.BytesReceived > 4<<10 {
			s.t.Errorf("%s: a sync with nothing to do moves %d commits, %d bytes up, %d down", p.name, x.Commits, x.BytesSent, x.BytesReceived)
		}
	}
	s.lead.stops()
	s.office.stops()
	left, err := os.ReadDir(s.stranger.folder())
	s.check(err)
	if len(left) > 0 {
		s.t.Errorf("the stranger has %v", left)
	}
	if shown := shows(s.heard(), marker, "eng1", "notes.txt", "firm.example", "Olga"); len(shown) > 0 {
		s.t.Errorf("the stranger heard %q", shown)
	}
}
