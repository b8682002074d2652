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
	began time.Time
	drawn time.Time
}

const (
	// between is how often the terminal is drawn anew; reports come far more often.
	between = 100 * time.Millisecond
	// patience is how long work may take without a bar: a flicker tells nobody anything.
	patience = 300 * time.Millisecond
)

func newProgress(to io.Writer) *progress { return &progress{to: to, began: time.Now()} }

// show takes a report. Any goroutine may call it.
func (p *progress) show(report repo.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case report.Done:
		p.drop()
		return
	case now.Sub(p.began) < patience, now.Sub(p.drawn) < between:
		return
	}
	p.drawn = now
	if p.bar == nil || p.phase != report.Phase || p.total != report.TotalBytes {
		p.drop()
		p.phase, p.total = report.Phase, report.TotalBytes
		size := report.TotalBytes
		if size <= 0 {
			size = -1
		}
		p.bar = progressbar.NewOptions64(size,
			progressbar.OptionSetWriter(p.to), progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(false),
			progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(), progressbar.OptionShowTotalBytes(true),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSpinnerType(9), progressbar.OptionSetElapsedTime(false),
		)
	}
	p.bar.Describe(describeProgress(report))
	_ = p.bar.Set64(report.Bytes)
}

func describeProgress(r repo.Progress) string {
	noun := "file"
	if r.Phase == "sending" || r.Phase == "receiving" {
		noun = "part" // of files, folders and history
	}
	text := safe(r.Phase)
	switch {
	case r.TotalFiles > 0:
		text = fmt.Sprintf("%s: %s of %s %ss", text, humanize.Comma(int64(r.Files)), humanize.Comma(int64(r.TotalFiles)), noun)
	case r.Files > 0:
		text = fmt.Sprintf("%s: %s %ss", text, humanize.Comma(int64(r.Files)), noun)
	}
	return text
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
