package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// day is how long "1d" is.
const day = 24 * time.Hour

// parseSpan reads a length of time: 90m, 48h, 7d, 2w.
func parseSpan(text string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": day, "w": 7 * day} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.Atoi(number); err == nil && n > 0 && n < 10_000 {
				return time.Duration(n) * length, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, usagef("%q is no length of time like 48h, 7d or 2w", text)
}

// parseMoment reads a time: 2026-12-31 (that day included), one of RFC 3339, or a length of time from now.
func parseMoment(text string, now time.Time) (time.Time, error) {
	if t, err := time.ParseInLocation("2006-01-02", text, now.Location()); err == nil {
		return t.AddDate(0, 0, 1), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if d, err := parseSpan(text); err == nil {
		return now.Add(d), nil
	}
	return time.Time{}, usagef("%q is no time like 2026-12-31, 2026-12-31T18:00:00Z or 30d", text)
}

// dateText is a time for people.
func dateText(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// moment is a time for people who ask how long that is ago: neither alone tells them enough.
func (e environment) moment(t time.Time) string {
	return dateText(t) + ", " + humanize.RelTime(t, e.now(), "ago", "from now")
}
