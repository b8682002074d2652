package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// shape is how good a line is. The zero value is as good as the machine.
type shape struct {
	rtt  time.Duration // there and back
	mbit float64       // 10^6 bits a second each way; 0 is no limit
	loss float64       // percent of packets, each way
}

// plainLine is the name of a line without delay, limit and loss: what the round trips of the others are counted from.
const plainLine = "lan"

// parseShape reads "lan", or any of a round trip, a rate and a loss: "100ms,10mbit,1%".
func parseShape(text string) (shape, error) {
	var s shape
	if text == plainLine {
		return s, nil
	}
	for _, part := range strings.Split(text, ",") {
		var err error
		if number, ok := strings.CutSuffix(part, "mbit"); ok {
			s.mbit, err = strconv.ParseFloat(number, 64)
		} else if number, ok := strings.CutSuffix(part, "%"); ok {
			s.loss, err = strconv.ParseFloat(number, 64)
		} else {
			s.rtt, err = time.ParseDuration(part)
		}
		if err != nil || !(s.mbit >= 0) || s.mbit > 1e6 || !(s.loss >= 0) || s.loss >= 100 || s.rtt < 0 || s.rtt > time.Minute {
			return shape{}, fmt.Errorf("link %q: %q is no round trip (100ms), rate (10mbit) or loss (1%%)", text, part)
		}
	}
	return s, nil
}

// trips says how many round trips of the line a command took that took plain without a delay; 0 where the rate or the
// loss of the line would be counted too.
func (s shape) trips(wall, plain time.Duration) float64 {
	if s.rtt == 0 || s.mbit > 0 || s.loss > 0 || plain == 0 {
		return 0
	}
	return max(0, float64(wall-plain)/float64(s.rtt))
}
