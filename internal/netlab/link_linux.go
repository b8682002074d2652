package netlab

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Shape is how good a link is, the same both ways. The zero value is as fast as the machine.
type Shape struct {
	Delay time.Duration // one way
	Mbit  float64       // 10^6 bits a second; 0 is no limit
	Queue int           // KiB that wait before the bottleneck, 128 when 0
	Loss  float64       // percent of packets, chosen by a fixed seed
}

// Direction is one of the two of a link, named as in Lab.Link.
type Direction int

// The directions of Link(a, b).
const (
	AToB Direction = iota
	BToA
)

// Link joins two hosts by a line of its own.
type Link struct {
	// A and B are the addresses of the two ends.
	A, B netip.Addr

	mu     sync.Mutex
	shape  Shape
	cut    bool
	passed [2]int64         // bytes of IP packets
	limit  [2]int64         // where the link is cut, 0 is nowhere
	reach  [2]chan struct{} // closed when that happened
}

// Link joins two hosts by a line with addresses of its own.
func (l *Lab) Link(a, b *Host, shape Shape) *Link {
	l.t.Helper()
	l.mu.Lock()
	l.links++
	n := l.links
	l.mu.Unlock()
	link := &Link{shape: shape, A: netip.AddrFrom4([4]byte{10, 200, byte(n), 1}), B: netip.AddrFrom4([4]byte{10, 200, byte(n), 2})}
	var ends [2]*os.File
	for i, h := range []*Host{a, b} {
		name := fmt.Sprintf("line%d", n)
		l.must(h.Do(func() (err error) {
			ends[i], err = openTun(name)
			return err
		}))
		h.ip(fmt.Sprintf("addr add 10.200.%d.%d/30 dev %s", n, i+1, name), "link set "+name+" mtu 1500 txqueuelen 2000 up")
	}
	var pumps sync.WaitGroup
	pumps.Go(func() { link.pump(AToB, ends[0], ends[1]) })
	pumps.Go(func() { link.pump(BToA, ends[1], ends[0]) })
	l.t.Cleanup(func() {
		_, _ = ends[0].Close(), ends[1].Close()
		pumps.Wait()
	})
	return link
}

// Reshape changes the link for packets from now on.
func (k *Link) Reshape(shape Shape) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.shape = shape
}

// Cut loses every packet, both ways, without a sign to anybody.
func (k *Link) Cut() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut = true
}

// Restore undoes Cut and CutAfter.
func (k *Link) Restore() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut, k.limit = false, [2]int64{}
}

// CutAfter cuts the link, both ways, when so many more bytes have gone in one direction. The channel is closed then.
func (k *Link) CutAfter(d Direction, bytes int64) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.limit[d], k.reach[d] = k.passed[d]+max(bytes, 1), make(chan struct{})
	return k.reach[d]
}

// Passed returns the bytes of IP packets that have gone in one direction.
func (k *Link) Passed(d Direction) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.passed[d]
}

// admit decides about one packet: whether it goes on, and how good the link is for it.
func (k *Link) admit(d Direction, size int) (Shape, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cut {
		return Shape{}, false
	}
	k.passed[d] += int64(size)
	if k.limit[d] > 0 && k.passed[d] >= k.limit[d] {
		k.cut, k.limit[d] = true, 0
		close(k.reach[d])
		return Shape{}, false
	}
	return k.shape, true
}

type delayed struct {
	data []byte
	at   time.Time
}

// pump carries the packets of one direction until its ends are closed.
func (k *Link) pump(d Direction, from, to *os.File) {
	random := rand.New(rand.NewPCG(uint64(d)+1, 1))
	late := make(chan delayed, 1<<14)
	var writer sync.WaitGroup
	writer.Go(func() {
		for p := range late {
			time.Sleep(time.Until(p.at))
			_, _ = to.Write(p.data)
		}
	})
	defer writer.Wait()
	defer close(late)
	free := time.Now() // when the bottleneck has sent all that waits
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		shape, ok := k.admit(d, n)
		if !ok || shape.Loss > 0 && random.Float64()*100 < shape.Loss {
			continue
		}
		now := time.Now()
		if free.Before(now) {
			free = now
		}
		if shape.Mbit > 0 {
			queue := shape.Queue
			if queue == 0 {
				queue = 128
			}
			if free.Sub(now).Seconds()*shape.Mbit*1e6/8 > float64(queue)*1024 {
				continue
			}
			free = free.Add(time.Duration(float64(n*8) / shape.Mbit * 1000))
		}
		select {
		case late <- delayed{append([]byte(nil), buffer[:n]...), free.Add(shape.Delay)}:
		default:
		}
	}
}
