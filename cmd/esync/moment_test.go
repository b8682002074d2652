package main

import (
	"testing"
	"time"
)

func TestMoments(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-12-31": "2027-01-01T00:00:00Z", "2026-12-31T18:00:00Z": "2026-12-31T18:00:00Z", "48h": "2026-11-24T10:00:00Z",
		"7d": "2026-11-29T10:00:00Z", "2w": "2026-12-06T10:00:00Z", "90m": "2026-11-22T11:30:00Z",
	} {
		if got, err := parseMoment(text, now); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0d", "-1h", "soon", "d", "2026-13-01", "99999d"} {
		if got, err := parseMoment(text, now); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}
