package main

import (
	"github.com/urfave/cli/v2"

	"github.com/esync/esync/transport/ssh"
)

// wayFlags are those of verbs that reach a peer and carry content.
func wayFlags() []cli.Flag {
	return []cli.Flag{viaFlag(), rateFlag()}
}

func rateFlag() cli.Flag {
	return &cli.StringFlag{Name: "limit-rate", Usage: "carry at most `RATE`: bytes a second as in 500k or 2M, or 8Mbit"}
}

func viaFlag() cli.Flag {
	return &cli.StringFlag{Name: "via", Usage: "look for the others through `HUB` as well: [USER@]HOST[:PORT], as for ssh"}
}

// chooseWay reads the flags of wayFlags.
func (s *session) chooseWay(c *cli.Context) (err error) {
	if text := c.String("via"); text != "" {
		if _, err := ssh.ParseTarget(text); err != nil {
			return usagef("--via: %v", err)
		}
		s.via = text
	}
	if text := c.String("limit-rate"); text != "" {
		s.throttle.rate, err = parseRate(text)
	}
	return err
}
