package main

import (
	"fmt"
	"testing"

	"github.com/esync/esync/refs/roster"
)

// The permission matrix: who may do what, by which way, at a copy that is served as it is or for reading only. What must come
// of a cell is worked out from the three small tables below, and what does come of it is asked of the real program: its exit
// code, and whether anything changed over there.

// callers are all kinds of people who knock, with the level that counts in the end.
var callers = []struct {
	name  string
	level roster.Level
}{
	{"nokey", roster.None},   // has no key at all
	{"unknown", roster.None}, // has a key nobody knows, and a copy that he stole
	{"revoked", roster.None}, // had level full
	{"expired", roster.None}, // had level full until yesterday
	{"none", roster.None},    // is a member without access
	{"read", roster.Read},
	{"full", roster.Full},
	{"admin", roster.Admin},
}

// deeds are what they try, and the level it takes. writes tells those that a copy served for reading takes from nobody.
var deeds = []struct {
	name   string
	need   roster.Level
	writes bool
	try    func(c *cell) outcome
}{
	{"clone", roster.Read, false, (*cell).clone},
	{"pull", roster.Read, false, (*cell).pull},
	{"push", roster.Full, true, (*cell).push},
	{"watch", roster.Read, false, (*cell).watch},
	{"settings", roster.Admin, true, (*cell).settings},
}

// ways lead to a copy that is served. Over all of them, that copy itself decides.
var ways = []string{"direct", "hub", "stdio"}

// outcome is what came of an attempt.
type outcome struct {
	code int
	done bool // it had the effect that it has for those who may
	said string
}

// check compares an outcome with what must be.
func (o outcome) check(t *testing.T, who string, may bool) {
	t.Helper()
	wrong := ""
	switch {
	case may && (o.code != codeDone || !o.done):
		wrong = "should be let"
	case !may && o.done:
		wrong = "GOT WHAT HE MAY NOT"
	case !may && o.code != codeRefused && who != "nokey": // whose trouble may begin at home
		wrong = "is refused with another exit code than 4"
	case !may && o.code == codeDone:
		wrong = "is not told that he is refused"
	}
	if wrong != "" {
		t.Errorf("%s: exit code %d, done %v: %s", wrong, o.code, o.done, o.said)
	}
}

func TestPermissionMatrix(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	cells := 0
	run := func(name, who string, may bool, try func(*cell) outcome, c *cell) {
		cells++
		t.Run(name, func(t *testing.T) {
			c.t, c.who, c.matrix = t, who, m
			try(c).check(t, who, may)
		})
	}
	for _, caller := range callers {
		for _, served := range []string{"full", "readonly"} {
			for _, deed := range deeds {
				for _, way := range ways {
					if way == "stdio" && !m.sshd {
						continue
					}
					may := caller.level >= deed.need && !(deed.writes && served == "readonly")
					name := fmt.Sprintf("%s %s %s %s", caller.name, deed.name, way, served)
					run(name, caller.name, may, deed.try, &cell{way: way, served: served})
				}
			}
			// A bundle of that copy, made now, and one that he made, taken up by that copy.
			reads, belongs := caller.level >= roster.Read, caller.level >= roster.Read
			run(caller.name+" clone bundle "+served, caller.name, reads, (*cell).cloneBundle, &cell{served: served})
			run(caller.name+" pull bundle "+served, caller.name, reads, (*cell).pullBundle, &cell{served: served})
			run(caller.name+" gives bundle "+served, caller.name, belongs, (*cell).giveBundle, &cell{served: served})
		}
		// A hub admits the members of the engagements it knows.
		run(caller.name+" registers at hub", caller.name, caller.level >= roster.Read, (*cell).register, &cell{})
		run(caller.name+" goes through hub", caller.name, caller.level >= roster.Read, (*cell).through, &cell{})
	}
	if want := 300; m.sshd && cells < want {
		t.Errorf("%d cells instead of %d", cells, want)
	}
	if !m.sshd {
		t.Log("NOT TESTED: the way by a stock sshd, which is not installed")
	}
	t.Logf("%d cells", cells)
}
