// Command bench measures esync beside git, rsync, borg, restic and unison, where they are installed, on the same data
// in one run, and prints the medians and their ratios as markdown.
//
//	go run ./internal/bench gen  -preset S -seed 1 -out DIR      makes an engagement
//	go run ./internal/bench edit -op mixed -seed 7 -dir DIR      changes it as a team of auditors does
//	go run ./internal/bench sum  -dir DIR                        one hash over names and bytes
//	go run ./internal/bench run  -esync build/esync -sizes S,M -n 5 -rtt 100ms -commits 1000 -write docs/performance.md
//	go run ./internal/bench run  -esync build/esync -sizes XS -link lan -link 100ms -link 100ms,10mbit,1% -only "pull|push"
//	go run ./internal/bench table -figures "wall|wire" FILE...     tables of what earlier runs kept with -raw
//
// Reading order: tool.go (what a tool can do; one file a tool holds its commands), lab.go (the scratch folder, a stock sshd on the
// loopback address), relay.go (counts the bytes on the wire, and delays them), shape.go and network_linux.go (a line with delay,
// rate and loss under real TCP), measure.go (one command), plan.go and remote.go (the rows), table.go and report.go.
//
// Every row is run with one tool after the other before the next row starts, and all rows n times, so that a machine which
// slows down slows all of them down; a ratio is the median of the ratios within the repeats. Wall time is taken by a monotonic
// clock around a shell that runs the command, CPU time and peak memory from what the kernel counted for it and its
// children (a child's peak is never below that of the bench itself, about 17 MB); the server's CPU is that of sshd, or of esync serve, and its children, and its memory the anonymous memory of them
// all, polled. Bytes on the wire are what passed the relay: the SSH stream without the headers of TCP; over a -link, all IP
// packets with their headers, also those that are then lost. Round trips are what a command takes longer over a line with delay alone than
// over the line "lan" in the same repeat, divided by the delay there and back. Both machines of a line use cubic. Edits, the
// publishing of what is pulled and the check that a clone equals its source are outside the measured time.
package main
