package main

import (
	"runtime"
	"strings"
)

// shellWord quotes text for a POSIX shell.
func shellWord(text string) string {
	if plainWord(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// typedWord is text as the user would type it in a shell here; those of Windows know double quotes.
func typedWord(text string) string {
	if runtime.GOOS == "windows" && !plainWord(text) {
		return `"` + text + `"`
	}
	return shellWord(text)
}

func plainWord(text string) bool {
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == ""
}
