package netlab

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"
)

// Ping sends an ICMP echo request and returns the time until the reply.
func (h *Host) Ping(to netip.Addr, wait time.Duration) (time.Duration, error) {
	var conn net.PacketConn
	err := h.Do(func() (err error) {
		conn, err = net.ListenPacket("ip4:icmp", "0.0.0.0")
		return err
	})
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	begin := time.Now()
	request := binary.BigEndian.AppendUint64([]byte{8, 0, 0, 0, 0, 1, 0, 1}, uint64(begin.UnixNano()))
	binary.BigEndian.PutUint16(request[2:], checksum(request))
	if err := conn.SetDeadline(begin.Add(wait)); err != nil {
		return 0, err
	}
	if _, err := conn.WriteTo(request, &net.IPAddr{IP: to.AsSlice()}); err != nil {
		return 0, err
	}
	reply := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(reply)
		if err != nil {
			return 0, err
		}
		if n == len(request) && reply[0] == 0 && string(reply[8:n]) == string(request[8:]) {
			if from.String() != to.String() {
				return 0, errors.New("an echo from " + from.String())
			}
			return time.Since(begin), nil
		}
	}
}

// checksum is that of RFC 1071, of an even number of bytes.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
