package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// figure is one of the numbers of a sample, and how a table shows it. A figure that is zero everywhere is left out.
type figure struct {
	name string
	of   func(*sample) float64
	// digits after the point.
	digits int
	// lines of the figure that say nothing are left out: below this it is noise or was not measured.
	least float64
}

func figures() []figure {
	seconds := func(of func(*sample) time.Duration) func(*sample) float64 {
		return func(s *sample) float64 { return of(s).Seconds() }
	}
	return []figure{
		{"wall s", seconds(func(s *sample) time.Duration { return s.Wall }), 3, 0},
		{"CPU s", seconds(func(s *sample) time.Duration { return s.ClientCPU + s.ServerCPU }), 3, 0},
		{"peak MB", func(s *sample) float64 { return float64(s.Peak) / 1e6 }, 0, 0},
		{"server MB", func(s *sample) float64 { return float64(s.ServerPeak) / 1e6 }, 1, 0.1},
		{"wire kB", func(s *sample) float64 { return float64(s.wire()) / 1e3 }, 1, 0},
		{"sent again kB", func(s *sample) float64 { return float64(s.Resent) / 1e3 }, 1, 0},
		{"round trips", func(s *sample) float64 { return s.Trips }, 1, 0},
		{"growth kB", func(s *sample) float64 { return float64(s.Growth) / 1e3 }, 1, 0},
		{"store MB", func(s *sample) float64 { return float64(s.Store) / 1e6 }, 1, 0},
		{"files in store", func(s *sample) float64 { return float64(s.StoreFiles) }, 0, 0},
	}
}

// subject is the tool that the others are compared with.
const subject = "esync"

// tabulate makes one markdown table for each size and line: a row for each figure, a column for each tool, with the ratio of
// the subject to the tool in parentheses. Only figures that are wanted by their name are shown.
func tabulate(samples []sample, wanted func(figure string) bool) string {
	type section struct{ size, line string }
	var sections []section
	for _, s := range samples {
		if key := (section{s.Size, s.Line}); !slices.Contains(sections, key) {
			sections = append(sections, key)
		}
	}
	var b strings.Builder
	for _, key := range sections {
		var part []sample
		for _, s := range samples {
			if s.Size == key.size && s.Line == key.line {
				part = append(part, s)
			}
		}
		fmt.Fprintf(&b, "\n### %s, %s\n\n", key.size, key.line)
		tabulateSection(&b, part, wanted)
	}
	return b.String()
}

func tabulateSection(b *strings.Builder, samples []sample, wanted func(figure string) bool) {
	var tools, rows []string
	cells := map[[2]string][]sample{}
	for _, s := range samples {
		if !slices.Contains(tools, s.Tool) {
			tools = append(tools, s.Tool)
		}
		if !slices.Contains(rows, s.Row) {
			rows = append(rows, s.Row)
		}
		cells[[2]string{s.Row, s.Tool}] = append(cells[[2]string{s.Row, s.Tool}], s)
	}
	fmt.Fprintf(b, "| | figure | %s |\n|---|---|%s\n", strings.Join(tools, " | "), strings.Repeat("---:|", len(tools)))
	for _, row := range rows {
		name := row
		for _, f := range figures() {
			if !wanted(f.name) || !shows(f, row, tools, cells) {
				continue
			}
			fmt.Fprintf(b, "| %s | %s |", name, f.name)
			for _, tool := range tools {
				fmt.Fprintf(b, " %s |", cell(f, cells[[2]string{row, tool}], cells[[2]string{row, subject}], tool))
			}
			b.WriteByte('\n')
			name = ""
		}
	}
}

// shows reports whether any tool has something to say.
func shows(f figure, row string, tools []string, cells map[[2]string][]sample) bool {
	for _, tool := range tools {
		for _, s := range cells[[2]string{row, tool}] {
			if f.of(&s) > f.least {
				return true
			}
		}
	}
	return false
}

// cell is the median of a figure, and the median of its ratios to the subject, repeat by repeat.
func cell(f figure, samples, subjects []sample, tool string) string {
	if len(samples) == 0 {
		return "-"
	}
	var values, ratios []float64
	for _, s := range samples {
		if s.Failed != "" {
			return "failed"
		}
		values = append(values, f.of(&s))
		for _, other := range subjects {
			if other.Repeat == s.Repeat && other.Failed == "" && f.of(&s) > 0 {
				ratios = append(ratios, f.of(&other)/f.of(&s))
			}
		}
	}
	text := fmt.Sprintf("%.*f", f.digits, median(values))
	if tool != subject && len(ratios) > 0 {
		text += fmt.Sprintf(" (%.2f)", median(ratios))
	}
	return text
}

// median of no values is 0.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
