package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"

	"github.com/esync/esync/repo"
)

// progress draws on a terminal how far the work is. A nil progress draws nothing.
type progress struct {
	mu    sync.Mutex
	to    io.Writer
	bar   *progressbar.ProgressBar
	phase string
	total int64
	drawn time.Time
}

// between is how often the terminal is drawn anew; reports come far more often.
const between = 100 * time.Millisecond

func newProgress(to io.Writer) *progress { return &progress{to: to} }

// show takes a report. Any goroutine may call it.
func (p *progress) show(report repo.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if report.Done {
		p.drop()
		return
	}
	if p.bar == nil || p.phase != report.Phase || p.total != report.TotalBytes {
		p.drop()
		p.phase, p.total = report.Phase, report.TotalBytes
		size := report.TotalBytes
		if size <= 0 {
			size = -1
		}
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(p.to), progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(false),
			progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(between),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSpinnerType(9), progressbar.OptionSetElapsedTime(false),
		)
	}
	if time.Since(p.drawn) < between {
		return
	}
	p.drawn = time.Now()
	text := safe(report.Phase)
	switch {
	case report.TotalFiles > 0:
		text = fmt.Sprintf("%s %s of %s", text, humanize.Comma(int64(report.Files)), count(report.TotalFiles, "file"))
	case report.Files > 0:
		text = fmt.Sprintf("%s %s", text, count(report.Files, "file"))
	}
	p.bar.Describe(text)
	_ = p.bar.Set64(report.Bytes)
}

// clear takes the bar off the terminal; the next report draws it again.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// done ends drawing.
func (p *progress) done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop()
}

func (p *progress) drop() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
