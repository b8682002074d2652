package netlab

import (
	"encoding/binary"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Capture collects every frame that a host hears or sends.
type Capture struct {
	file   *os.File
	reader sync.WaitGroup

	mu     sync.Mutex
	frames [][]byte
}

// Capture begins to listen on all cards of the host, whoever the frames are for.
func (h *Host) Capture() *Capture {
	h.lab.t.Helper()
	c := &Capture{}
	h.lab.must(h.Do(func() error {
		// The protocol goes over in network byte order.
		all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, int(all))
		if err != nil {
			return err
		}
		c.file = os.NewFile(uintptr(fd), "capture")
		for card := 1; card <= 64; card++ { // those that are there hear frames for others too
			_ = unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP,
				&unix.PacketMreq{Ifindex: int32(card), Type: unix.PACKET_MR_PROMISC})
		}
		return nil
	}))
	c.reader.Go(func() {
		buffer := make([]byte, 1<<16)
		for {
			n, err := c.file.Read(buffer)
			if err != nil {
				return
			}
			c.mu.Lock()
			c.frames = append(c.frames, append([]byte(nil), buffer[:n]...))
			c.mu.Unlock()
		}
	})
	h.lab.t.Cleanup(func() { c.Stop() })
	return c
}

// Frames returns what was heard so far.
func (c *Capture) Frames() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([][]byte(nil), c.frames...)
}

// Stop ends the capture and returns all of it.
func (c *Capture) Stop() [][]byte {
	_ = c.file.Close()
	c.reader.Wait()
	return c.Frames()
}
