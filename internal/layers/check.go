package layers

import (
	"fmt"
	"slices"
	"strings"
)

// Check returns one line for each place where packages break the rules, naming both sides and the reason.
func Check(packages []Package, rules Rules) []string {
	var wrong []string
	for _, p := range packages {
		wrong = append(wrong, checkFolder(p, rules)...)
		for _, imp := range p.Imports {
			if why := checkImport(p, imp, rules); why != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s imports %s: %s", imp.File, p.Dir, imp.Path, why))
			}
		}
	}
	return wrong
}

func checkFolder(p Package, rules Rules) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, p.Dir+": "+fmt.Sprintf(format, args...)) }
	if _, ok := rules.Allowed[p.Dir]; !ok {
		say("the package is not in the list of layers")
	}
	if !p.Doc {
		say("the package has no doc.go")
	}
	parts := strings.Split(p.Dir, "/")
	if len(parts) > maxDepth {
		say("the folder is %d deep, and %d is the limit", len(parts), maxDepth)
	}
	for _, name := range append(parts, p.Name) {
		if slices.Contains(rules.Names, name) {
			say("the name %q does not say what is in it", name)
			break
		}
	}
	return wrong
}

// checkImport returns why p may not have the import, or "".
func checkImport(p Package, imp Import, rules Rules) string {
	testCode := imp.Test || slices.Contains(rules.Suites, p.Dir)
	switch {
	case imp.Path == rules.Path || strings.HasPrefix(imp.Path, rules.Path+"/"):
		dir := strings.TrimPrefix(strings.TrimPrefix(imp.Path, rules.Path), "/")
		if dir == p.Dir || slices.Contains(rules.Allowed[p.Dir], dir) || testCode && slices.Contains(rules.Tests, dir) {
			return ""
		}
		if slices.Contains(rules.Tests, dir) {
			return "only tests may import it"
		}
		return "it is not below it in the layers"
	case !strings.Contains(strings.Split(imp.Path, "/")[0], "."):
		return checkStandard(p, imp, testCode, rules)
	}
	for _, module := range rules.TestModules {
		if within(imp.Path, module) {
			if testCode {
				return ""
			}
			return "only tests may import it"
		}
	}
	for module, homes := range rules.Homes {
		if within(imp.Path, module) {
			if slices.Contains(homes, p.Dir) {
				return ""
			}
			return "its home is " + strings.Join(homes, ", ")
		}
	}
	return "the module has no home in the list"
}

func checkStandard(p Package, imp Import, testCode bool, rules Rules) string {
	if within(imp.Path, "testing") && !testCode {
		return "the program does not ship test code"
	}
	if !imp.Test && slices.Contains(rules.Pure, p.Dir) && slices.Contains(impure, imp.Path) {
		return "the package is pure: it sees storage only through what it is handed"
	}
	return ""
}

// within reports whether path is module or lies in it.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}
