package main

import (
	"fmt"
	"strings"
)

// words of a verb's first argument, verbs for help.
func firstWords(v verb, all []verb) []string {
	if v.name != "help" {
		return v.words
	}
	var names []string
	for _, v := range all {
		names = append(names, v.name)
	}
	return names
}

func bashScript(all []verb) string {
	var b strings.Builder
	global := flagWords(globalFlags())
	fmt.Fprintf(&b, `# bash completion for esync
_esync() {
	local cur=${COMP_WORDS[COMP_CWORD]} verb= i words=
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		%s) ((i++)) ;;
		-*) ;;
		*) verb=${COMP_WORDS[i]}; break ;;
		esac
	done
	COMPREPLY=()
	case $verb:$cur in
`, strings.Join(valueFlags(globalFlags()), "|"))
	for _, v := range all {
		fmt.Fprintf(&b, "\t%s:-*) words=%q ;;\n", v.name, strings.Join(append(flagWords(v.flags), global...), " "))
		if first := firstWords(v, all); len(first) > 0 {
			fmt.Fprintf(&b, "\t%s:*) ((COMP_CWORD == i + 1)) && words=%q ;;\n", v.name, strings.Join(first, " "))
		} else if names := namesFor(v); names != "" {
			fmt.Fprintf(&b, "\t%s:*) words=$(%s 2>/dev/null) ;;\n", v.name, names)
		}
	}
	help, _ := find(all, "help")
	fmt.Fprintf(&b, `	:-*) words=%q ;;
	:*) words=%q ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _esync esync
`, strings.Join(global, " "), strings.Join(firstWords(help, all), " "))
	return b.String()
}

func zshScript(all []verb) string {
	quote := func(name, usage string) string {
		usage = strings.NewReplacer("'", "", ":", `\:`).Replace(usage)
		return fmt.Sprintf("'%s:%s'", name, usage)
	}
	describe := func(v verb) string {
		var words []string
		for _, f := range append(v.flags, globalFlags()...) {
			for _, name := range f.Names() {
				words = append(words, quote(dashed(name), flagUsage(f)))
			}
		}
		return strings.Join(words, " ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, `#compdef esync
_esync() {
	local verb i
	local -a verbs flags
	for ((i = 2; i < CURRENT; i++)); do
		case ${words[i]} in
		%s) ((i++)) ;;
		-*) ;;
		*) verb=${words[i]}; break ;;
		esac
	done
	verbs=(
`, strings.Join(valueFlags(globalFlags()), "|"))
	for _, v := range all {
		fmt.Fprintf(&b, "\t\t%s\n", quote(v.name, v.short))
	}
	b.WriteString("\t)\n\tcase $verb in\n")
	for _, v := range all {
		fmt.Fprintf(&b, "\t%s) flags=(%s) ;;\n", v.name, describe(v))
	}
	fmt.Fprintf(&b, "\t*) flags=(%s) ;;\n\tesac\n", describe(verb{}))
	b.WriteString("\tif [[ $PREFIX == -* ]]; then\n\t\t_describe flag flags\n\t\treturn\n\tfi\n\tcase $verb in\n\t'') _describe verb verbs ;;\n")
	for _, v := range all {
		if first := firstWords(v, all); len(first) > 0 {
			fmt.Fprintf(&b, "\t%s) compadd -- %s ;;\n", v.name, strings.Join(first, " "))
		} else if names := namesFor(v); names != "" {
			fmt.Fprintf(&b, "\t%s) compadd -- ${(f)\"$(%s 2>/dev/null)\"}; _files ;;\n", v.name, names)
		}
	}
	b.WriteString("\t*) _files ;;\n\tesac\n}\n_esync \"$@\"\n")
	return b.String()
}

func fishScript(all []verb) string {
	var b strings.Builder
	quote := func(text string) string { return "'" + strings.ReplaceAll(text, "'", `\'`) + "'" }
	flags := func(v verb, condition string) {
		list := v.flags
		if v.name == "" {
			list = globalFlags()
		}
		for _, f := range list {
			line := "complete -c esync" + condition
			for _, name := range f.Names() {
				if len(name) == 1 {
					line += " -s " + name
				} else {
					line += " -l " + name
				}
			}
			if len(valueFlags(append(v.flags[:0:0], f))) > 0 {
				line += " -r"
			}
			fmt.Fprintf(&b, "%s -d %s\n", line, quote(flagUsage(f)))
		}
	}
	b.WriteString("# fish completion for esync\n")
	flags(verb{}, "")
	for _, v := range all {
		fmt.Fprintf(&b, "complete -c esync -f -n __fish_use_subcommand -a %s -d %s\n", v.name, quote(v.short))
		condition := fmt.Sprintf(" -n '__fish_seen_subcommand_from %s'", v.name)
		flags(v, condition)
		if first := firstWords(v, all); len(first) > 0 {
			fmt.Fprintf(&b, "complete -c esync -f%s -a %s\n", condition, quote(strings.Join(first, " ")))
		} else if names := namesFor(v); names != "" {
			fmt.Fprintf(&b, "complete -c esync%s -a '(%s 2>/dev/null)'\n", condition, names)
		}
	}
	return b.String()
}

func powershellScript(all []verb) string {
	list := func(words []string) string {
		if len(words) == 0 {
			return "@()"
		}
		return "@('" + strings.Join(words, "','") + "')"
	}
	var b strings.Builder
	b.WriteString("# PowerShell completion for esync\nRegister-ArgumentCompleter -Native -CommandName esync -ScriptBlock {\n" +
		"\tparam($word, $ast, $at)\n\t$flags = @{\n")
	for _, v := range all {
		fmt.Fprintf(&b, "\t\t'%s' = %s\n", v.name, list(flagWords(v.flags)))
	}
	b.WriteString("\t}\n\t$first = @{\n")
	for _, v := range all {
		if first := firstWords(v, all); len(first) > 0 {
			fmt.Fprintf(&b, "\t\t'%s' = %s\n", v.name, list(first))
		}
	}
	help, _ := find(all, "help")
	fmt.Fprintf(&b, "\t}\n\t$global = %s\n\t$verbs = %s\n", list(flagWords(globalFlags())), list(firstWords(help, all)))
	b.WriteString(`	$before = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" } | Where-Object { $_ -ne $word })
	$verb = $before | Where-Object { $verbs -contains $_ } | Select-Object -First 1
	if ($word -like '-*') { $words = @($global); if ($verb) { $words += $flags[$verb] } }
	elseif (-not $verb) { $words = $verbs }
	elseif ($first.ContainsKey($verb)) { $words = $first[$verb] }
	else { $words = @() }
	$words | Where-Object { $_ -clike "$word*" } | ForEach-Object {
		[System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
	}
}
`)
	return b.String()
}
