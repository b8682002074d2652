package worktree

import (
	"slices"
	"strings"

	"github.com/esync/esync/internal/fsys"
)

// databaseExts are the files that make up one table of a dBASE or FoxPro
// database, as CaseWare keeps them: data, memo and indexes. They mean
// something only together.
var databaseExts = []string{"dbf", "cdx", "fpt", "ndx", "mdx", "dbt"}

// lockExts are the locks CaseWare holds while it writes a table.
var lockExts = []string{"lck", "locks"}

// groupOf names the table a file belongs to, or "".
func groupOf(name string) string {
	if len(name) < 5 || name[len(name)-4] != '.' {
		return ""
	}
	if ext := name[len(name)-3:]; !slices.ContainsFunc(databaseExts, func(e string) bool { return strings.EqualFold(e, ext) }) {
		return ""
	}
	return strings.ToLower(name[:len(name)-4])
}

// lockOf gives the lock under which a table is written now, if there is one.
func lockOf(listing []fsys.Info, group string) (string, bool) {
	for n := range listing {
		name := listing[n].Name
		if len(name) <= len(group)+1 || name[len(group)] != '.' {
			continue
		}
		ext := name[len(group)+1:]
		if strings.EqualFold(name[:len(group)], group) && slices.ContainsFunc(lockExts, func(e string) bool { return strings.EqualFold(e, ext) }) {
			return name, true
		}
	}
	return "", false
}
