package main

import (
	"testing"
	"time"
)

func TestParseShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]shape{
		"lan": {}, "100ms": {rtt: 100 * time.Millisecond}, "10mbit": {mbit: 10}, "1s,0.5mbit,1%": {time.Second, 0.5, 1},
	} {
		if got, err := parseShape(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "fast", "100", "100ms,", "-1ms", "-1mbit", "NaNmbit", "100%", "1h"} {
		if got, err := parseShape(text); err == nil {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

func TestTrips(t *testing.T) {
	t.Parallel()
	far := shape{rtt: 100 * time.Millisecond}
	if got := far.trips(950*time.Millisecond, 150*time.Millisecond); got != 8 {
		t.Errorf("got %v round trips, want 8", got)
	}
	if got := (shape{rtt: far.rtt, mbit: 10}).trips(time.Second, time.Millisecond); got != 0 {
		t.Errorf("got %v round trips where the rate counts too", got)
	}
	if got := far.trips(time.Second, 0); got != 0 {
		t.Errorf("got %v round trips without anything to count from", got)
	}
}
