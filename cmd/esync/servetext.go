package main

import (
	"fmt"
	"strings"
)

// eventText is an event for people: who did what.
func eventText(e eventRecord) string {
	who, engagement := safe(e.Who), safe(e.Engagement)
	if who == "" {
		who = safe(e.Key)
	}
	var text string
	switch e.Event {
	case "connected":
		text = fmt.Sprintf("%s connected from %s, level %s", who, safe(e.Address), safe(e.Level))
	case "closed":
		text = who + " left"
	case "pulled":
		text = fmt.Sprintf("%s pulled %s", who, engagement)
	case "joined":
		text = fmt.Sprintf("%s joined %s, level %s", who, engagement, safe(e.Level))
	case "pushed":
		text = fmt.Sprintf("%s pushed %s to %s%s", who, count(e.Commits, "commit"), engagement, arrivedText(e))
	default:
		text = strings.Join(strings.Fields(strings.Join([]string{e.Event, who, safe(e.Address), engagement}, " ")), " ")
	}
	if e.Reason != "" {
		text += ": " + safe(e.Reason)
	}
	return text
}

// arrivedText is what came with a push, and what became of it here.
func arrivedText(e eventRecord) string {
	var quoted []string
	for _, subject := range e.Subjects {
		quoted = append(quoted, fmt.Sprintf("\"%s\"", safe(subject)))
	}
	text := ""
	if len(quoted) > 0 {
		text = ": " + strings.Join(quoted, ", ")
	}
	if more := e.Commits - len(quoted); more > 0 && len(quoted) > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if e.Files > 0 {
		text += fmt.Sprintf("; %s updated here", count(e.Files, "file"))
	}
	if e.Waiting > 0 {
		text += fmt.Sprintf("; %s left for your next sync", count(e.Waiting, "file"))
	}
	return text
}
