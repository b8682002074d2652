package repo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// What the settings of an engagement decide about files and merging, for all
// of its copies. Words that a later esync may have are passed over: a copy
// that does not know them merges as if they were not there.

// policyWords are those of the settings' merge policy. The first is what holds
// when nothing is said.
func policyWords(policy string) []string {
	switch policy {
	case "office": // whole: both versions of a workbook or document that two changed are kept for a person
		return []string{"join", "whole"}
	case "folders": // ask: what one puts into a folder that another renamed is for a person
		return []string{"follow", "ask"}
	case "renames": // off: a file that one renamed and another edited is for a person
		return []string{"follow", "off"}
	}
	return nil
}

// CheckMergePolicy tells whether name=word is a policy that this esync knows.
func CheckMergePolicy(name, word string) error {
	words := policyWords(name)
	if words == nil {
		return fmt.Errorf("%w: %q is no merge policy: there is office, folders and renames", ErrUsage, name)
	}
	if !slices.Contains(words, word) {
		return fmt.Errorf("%w: %s is %s, not %q", ErrUsage, name, strings.Join(words, " or "), word)
	}
	return nil
}

// mergeOptions are what a version of the settings says about merging.
func (r *Repo) mergeOptions(version objects.ID) (merge.Options, error) {
	chain, err := r.chainAt(version)
	if err != nil {
		return merge.Options{}, err
	}
	s, err := chain.Settings()
	if err != nil {
		return merge.Options{}, err
	}
	p := s.Merge
	return merge.Options{NoOffice: p["office"] == "whole", AskFolders: p["folders"] == "ask", NoRenames: p["renames"] == "off"}, nil
}

// ignored are the patterns of files that the settings leave out everywhere. A
// copy whose settings cannot be read leaves out nothing more: fsck tells.
func (r *Repo) ignored(state refs.State) []string {
	all, err := r.rosterOf(state)
	if err != nil {
		return nil
	}
	return all.Settings.Ignore
}
