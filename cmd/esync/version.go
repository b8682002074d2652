package main

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func versionVerb() verb {
	return verb{
		name: "version", group: groupTool, short: "show which esync this is",
		run: func(_ context.Context, s *session, _ *cli.Context) error {
			v := programVersion()
			if s.json {
				return s.object(v)
			}
			s.line("esync %s (%s, %s)", v.Version, v.Go, v.System)
			return nil
		},
	}
}

type versionRecord struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	System   string `json:"system"`
}

// programVersion is what the Go tool wrote into the program.
func programVersion() versionRecord {
	v := versionRecord{Version: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = info.Main.Version
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			v.Revision = setting.Value
		}
	}
	return v
}
