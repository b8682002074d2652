package lan

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	announceEvery = 30 * time.Second
	lookEvery     = time.Second     // at the beacons
	refreshEvery  = 5 * time.Second // of interfaces
	announceGap   = time.Second     // between two announcements of one engagement to all
)

// Announcer tells the members of engagements that this machine serves them.
type Announcer struct {
	cfg Config
}

// New checks the config. Nothing is sent before Run.
func New(cfg Config) (*Announcer, error) {
	if len(cfg.Key) != ed25519.PublicKeySize || cfg.Sign == nil || cfg.Beacons == nil {
		return nil, errors.New("an announcer needs a device key and beacons")
	}
	return &Announcer{cfg: cfg.filled()}, nil
}

// Run announces and answers until ctx ends. What goes wrong in between is told to Log and tried again: networks come and go.
func (a *Announcer) Run(ctx context.Context) error {
	incoming := make(chan heard, waiting)
	s := &speaker{cfg: a.cfg, radio: newRadio(ctx, a.cfg.Network, DefaultPort, incoming)}
	defer s.close()
	s.refresh()
	if err := s.look(); err != nil {
		return err
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	refresh := time.NewTicker(refreshEvery)
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case h := <-incoming:
			s.hear(h)
		case <-look.C:
			if err := s.look(); err != nil {
				return err
			}
		case <-refresh.C:
			if s.refresh() {
				s.toAll()
			}
		}
	}
}

// voice is one engagement that is announced.
type voice struct {
	beacon Beacon
	secret *secret
	tags   [3]tag    // of yesterday, today and tomorrow
	body   body      // signed
	said   time.Time // to all; by this machine's steady clock
	due    bool
}

func (v *voice) packet(Link) packet { return v.secret.pack(v.body, v.tags[1], newNonce()) }

// speaker is the state of a running Announcer, all of it in one goroutine.
type speaker struct {
	cfg    Config
	radio  *radio
	spare  *radio // sends, while another program holds the port
	voices []*voice
	limit  limiter
	done   answered
}

func (s *speaker) close() {
	s.radio.close()
	if s.spare != nil {
		s.spare.close()
	}
}

// refresh reports whether there are new links to speak to.
func (s *speaker) refresh() bool {
	more, err := s.radio.refresh()
	if s.radio.open() {
		if s.spare != nil {
			s.spare.close()
			s.spare = nil
		}
		s.cfg.Log(err)
		return more
	}
	s.cfg.Log(fmt.Errorf("%w: %w", ErrPortTaken, err))
	if s.spare == nil {
		s.spare = newRadio(s.radio.ctx, s.cfg.Network, 0, nil)
	}
	_, _ = s.spare.refresh()
	return more
}

// look takes over the beacons as they are now, and announces what changed or is due.
func (s *speaker) look() error {
	beacons := s.cfg.Beacons()
	s.voices = slices.DeleteFunc(s.voices, func(v *voice) bool {
		return !slices.ContainsFunc(beacons, func(b Beacon) bool { return b.Discovery == v.beacon.Discovery })
	})
	for _, b := range beacons {
		v, err := s.voice(b.Discovery)
		if err != nil {
			return err
		}
		if v.beacon != b {
			v.beacon, v.due = b, true
		}
		v.tags = v.secret.tags(s.cfg.Now())
	}
	for _, v := range s.voices {
		if v.due || time.Since(v.said) >= announceEvery {
			s.announce(v)
		}
	}
	return nil
}

func (s *speaker) voice(discovery [32]byte) (*voice, error) {
	for _, v := range s.voices {
		if v.beacon.Discovery == discovery {
			return v, nil
		}
	}
	secret, err := newSecret(discovery)
	if err != nil {
		return nil, err
	}
	v := &voice{secret: secret, beacon: Beacon{Discovery: discovery}, due: true}
	s.voices = append(s.voices, v)
	return v, nil
}

func (s *speaker) toAll() {
	for _, v := range s.voices {
		v.said, v.due = time.Time{}, true
		s.announce(v)
	}
}

// announce tells all, unless they were told a moment ago; then it stays due. The body is signed here, and serves for answers
// until the next time.
func (s *speaker) announce(v *voice) {
	if time.Since(v.said) < announceGap {
		v.due = true
		return
	}
	if err := s.sign(v); err != nil {
		s.cfg.Log(err)
		return
	}
	v.said, v.due = time.Now(), false
	speak := s.radio
	if s.spare != nil {
		speak = s.spare
	}
	if err := speak.broadcast(v.packet); err != nil {
		s.cfg.Log(err)
	}
}

func (s *speaker) sign(v *voice) error {
	b := body{
		Kind: kindAnnouncement, ReadOnly: v.beacon.ReadOnly, Port: uint16(v.beacon.Port),
		Instance: s.cfg.Instance, Millis: uint64(s.cfg.Now().UnixMilli()), Key: [32]byte(s.cfg.Key), Head: v.beacon.Head,
	}
	signature, err := s.cfg.Sign(b.signed(v.secret.engagement))
	if err != nil {
		return fmt.Errorf("sign announcement: %w", err)
	}
	if copy(b.Signature[:], signature); !b.genuine(v.secret.engagement) || b.Port == 0 {
		return errors.New("sign announcement: the signature or the port is of no use")
	}
	v.body = b
	return nil
}

// hear answers queries of members; anything else is dropped without a sign.
func (s *speaker) hear(h heard) {
	t, _ := h.packet.tag()
	i := slices.IndexFunc(s.voices, func(v *voice) bool { return slices.Contains(v.tags[:], t) })
	if i < 0 {
		return
	}
	v := s.voices[i]
	b, err := v.secret.open(&h.packet)
	if err != nil || b.Kind != kindQuery || b.Instance == s.cfg.Instance || v.body.Kind == 0 {
		return
	}
	if b.sender() != h.from.Addr().WithZone("") { // somebody says again what he heard
		return
	}
	if !s.done.first(question{instance: b.Instance, millis: b.Millis, six: h.from.Addr().Is6()}) {
		return
	}
	if !s.limit.allow(h.from.Addr(), time.Now()) {
		return
	}
	s.radio.send(v.packet(Link{}), h.from)
	if time.Since(v.said) >= announceGap {
		s.announce(v)
	}
}
