package main

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// volumeOf asks the system what a folder lies on.
func volumeOf(path string) volume {
	root := filepath.VolumeName(path) + `\`
	var v volume
	name, err := windows.UTF16PtrFromString(root)
	if err != nil {
		return v
	}
	v.network = strings.HasPrefix(root, `\\`) || windows.GetDriveType(name) == windows.DRIVE_REMOTE
	if folder, err := windows.UTF16PtrFromString(path); err == nil {
		v.known = windows.GetDiskFreeSpaceEx(folder, &v.free, nil, nil) == nil
	}
	kind := make([]uint16, windows.MAX_PATH+1)
	if windows.GetVolumeInformation(name, nil, 0, nil, nil, nil, &kind[0], uint32(len(kind))) == nil {
		v.kind = strings.ToLower(windows.UTF16ToString(kind))
	}
	return v
}
