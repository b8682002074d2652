package fsys

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

func infoOf(fi fs.FileInfo) Info {
	i := Info{Name: fi.Name(), Mode: fi.Mode(), Size: fi.Size(), ModTime: fi.ModTime().UnixNano()}
	if st, ok := fi.Sys().(*syscall.Win32FileAttributeData); ok {
		i.ModTime = st.LastWriteTime.Nanoseconds()
	}
	return i
}

// readDir gets the stat data out of the listing itself: on Windows that costs
// no further call.
func readDir(f *os.File) ([]Info, error) {
	fis, err := f.Readdir(-1)
	if err != nil {
		return nil, err
	}
	infos := make([]Info, 0, len(fis))
	for _, fi := range fis {
		infos = append(infos, infoOf(fi))
	}
	return infos, nil
}

// syncDir does nothing: Windows has no call that flushes a folder.
func syncDir(*os.File) error { return nil }

// busyTries and busyPause bound how long a rename waits for a virus scanner,
// an indexer or Office to let go of the target: two seconds in all.
const (
	busyTries = 40
	busyPause = 50 * time.Millisecond
)

func retryBusy(op func() error) error {
	for try := 1; ; try++ {
		err := op()
		busy := errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
		if !busy || try == busyTries {
			return err
		}
		time.Sleep(busyPause)
	}
}
