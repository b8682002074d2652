package layers

// Rules say what a module may look like. Packages are named by their folder, relative to the module ("objects/pack").
type Rules struct {
	// Path is the module's import path.
	Path string
	// Allowed lists, for every package, the packages of the module it may import. A package that is not listed may not exist.
	Allowed map[string][]string
	// Tests lists the packages that test files may import besides.
	Tests []string
	// Homes lists, for every third-party module, the packages that may import it.
	Homes map[string][]string
	// TestModules are third-party modules that only test files import, in any package.
	TestModules []string
	// Suites are packages that are made of test code without being test files.
	Suites []string
	// Pure lists packages that see storage only through what they are handed.
	Pure []string
	// Names are package names that say nothing.
	Names []string
}

// impure are the standard packages by which code would reach the machine it runs on.
var impure = []string{"log", "net", "os", "os/exec", "path/filepath", "syscall"}

// maxDepth is the number of folders in a package's name: one below a top-level folder.
const maxDepth = 2

// Module returns the rules of esync. Its drawing stands in doc.go and in CONTRIBUTING.md: the three change in one commit.
func Module() Rules {
	return Rules{
		Path: "github.com/esync/esync",
		Allowed: map[string][]string{
			"internal/codec":    {},
			"internal/fsys":     {},
			"internal/faultfs":  {"internal/fsys"},
			"internal/sealed":   {},
			"internal/sshsig":   {},
			"objects":           {"internal/codec"},
			"objects/mem":       {"objects"},
			"objects/graph":     {"objects"},
			"objects/storetest": {"objects"},
			"objects/pack":      {"objects", "internal/fsys"},
			"refs":              {"objects", "internal/fsys", "internal/codec"},
			"refs/roster":       {"objects", "internal/sshsig", "internal/codec"},
			"worktree":          {"objects", "internal/fsys"},
			"worktree/notify":   {},
			"merge":             {"objects", "objects/graph", "merge/align", "merge/ruling", "merge/csv", "merge/dbf", "merge/xlsx", "merge/docx"},
			"merge/align":       {},
			"merge/ruling":      {},
			"merge/csv":         {"merge/align", "merge/ruling"},
			"merge/dbf":         {"merge/align", "merge/ruling"},
			"merge/ooxml":       {},
			"merge/formulas":    {},
			"merge/xlsx":        {"merge/formulas", "merge/ooxml", "merge/align", "merge/ruling"},
			"merge/docx":        {"merge/ooxml", "merge/align", "merge/ruling"},
			"transport":         {"objects", "objects/pack", "objects/graph", "refs", "internal/codec"},
			"transport/ssh":     {"internal/fsys"},
			"transport/lan":     {},
			"transport/sftp":    {},
			"transport/agent":   {"transport/ssh", "internal/fsys"},
			"repo": {
				"objects", "objects/mem", "objects/pack", "objects/graph", "refs", "worktree", "worktree/notify", "merge", "transport", "internal/fsys",
				"refs/roster", "internal/sshsig", "internal/sealed",
			},
			"cmd/esync": {
				"repo", "transport/ssh", "transport/sftp", "transport/lan", "transport/agent", // what is done goes through repo; these are handed to it
				"objects", "refs", "merge", "worktree", "transport", "refs/roster", "internal/sshsig", "internal/sealed", // their types and sentinels
			},
			"internal/corpus": {},
			"internal/bench":  {"internal/corpus", "internal/netlab"},
			"internal/demo":   {},
			"internal/layers": {},
			"internal/netlab": {},
			"internal/soak":   {},
			"internal/story":  {},
		},
		Tests: []string{"objects/mem", "objects/storetest", "internal/fsys", "internal/faultfs", "internal/corpus", "internal/netlab", "transport/sftp"},
		Homes: map[string][]string{
			"github.com/urfave/cli/v2":         {"cmd/esync"},
			"github.com/schollz/progressbar":   {"cmd/esync"},
			"github.com/dustin/go-humanize":    {"cmd/esync"},
			"golang.org/x/term":                {"cmd/esync"},
			"github.com/mdp/qrterminal":        {"cmd/esync"},
			"golang.org/x/crypto":              {"transport/ssh", "internal/sshsig"},
			"github.com/hiddeco/sshsig":        {"internal/sshsig"},
			"github.com/skeema/knownhosts":     {"transport/ssh"},
			"github.com/pkg/sftp":              {"transport/sftp"},
			"github.com/kevinburke/ssh_config": {"transport/ssh"},
			"github.com/zeebo/blake3":          {"objects"},
			"golang.org/x/text":                {"objects"},
			"github.com/klauspost/compress":    {"objects/pack"},
			"github.com/gofrs/flock":           {"internal/fsys"},
			"golang.org/x/sys":                 {"internal/fsys", "cmd/esync", "internal/netlab"}, // doctor asks the system about disks
			"github.com/fsnotify/fsnotify":     {"worktree/notify"},
			"github.com/beevik/etree":          {"merge/ooxml", "merge/xlsx", "merge/docx"},
			"filippo.io/age":                   {"internal/sealed"},
			// A few lines about goroutines, wherever work is shared out.
			"golang.org/x/sync": {"objects/pack", "worktree", "transport", "transport/ssh", "repo"},
		},
		TestModules: []string{"pgregory.net/rapid", "github.com/rogpeppe/go-internal", "github.com/xuri/excelize/v2"},
		Suites:      []string{"objects/storetest", "internal/netlab", "internal/demo"},
		Pure:        []string{"objects", "objects/mem", "objects/graph", "merge", "merge/align", "merge/ruling", "merge/csv", "merge/dbf", "merge/ooxml", "merge/formulas", "merge/xlsx", "merge/docx", "refs/roster"},
		Names:       []string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc", "shared", "lib", "pkg"},
	}
}
