package ssh

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// The wire's names and limits; doc.go draws them.
const (
	banner      = "SSH-2.0-esync_1"
	bannerOurs  = "SSH-2.0-esync_" // what our server's banner begins with, whatever its version
	channelType = "esync.1"
	endRequest  = "end@esync.1" // sent before the end of data: this end is meant, the connection did not break

	payloadHere    = 0x01
	payloadFollows = 0x00

	// MaxPayload is the longest request that travels in the channel-open payload. An SSH packet must be accepted up to
	// 35,000 bytes (RFC 4253, 6.1); this leaves room for the rest of it.
	MaxPayload = 24 << 10

	// MaxRequest is the longest request at all.
	MaxRequest = 1 << 20
)

// packRequest returns the channel-open payload, and what must be written first to the stream.
func packRequest(request []byte) (payload, first []byte, err error) {
	if len(request) > MaxPayload {
		first, err = frameRequest(request)
		return []byte{payloadFollows}, first, err
	}
	return append([]byte{payloadHere}, request...), nil, nil
}

// unpackPayload returns the request, or follows when it is the stream's first message.
func unpackPayload(payload []byte) (request []byte, follows bool, err error) {
	switch {
	case len(payload) == 1 && payload[0] == payloadFollows:
		return nil, true, nil
	case len(payload) > 0 && len(payload) <= MaxPayload+1 && payload[0] == payloadHere:
		return payload[1:], false, nil
	}
	return nil, false, ErrRequest
}

func frameRequest(request []byte) ([]byte, error) {
	if len(request) > MaxRequest {
		return nil, fmt.Errorf("%w: %d bytes", ErrRequest, len(request))
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(request))), request...), nil
}

// ReadRequest reads the request that is the first message of a stream: `esync serve --stdio` begins with it.
func ReadRequest(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > MaxRequest {
		return nil, fmt.Errorf("%w: %d bytes announced", ErrRequest, size)
	}
	// The buffer grows with what arrives, not with what is announced.
	var request bytes.Buffer
	if _, err := io.CopyN(&request, r, int64(size)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("read request: %w", err)
	}
	return request.Bytes(), nil
}
