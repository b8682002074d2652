package mem_test

import (
	"testing"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/objects/mem"
	"github.com/esync/esync/objects/storetest"
)

type subject struct{ *mem.Store }

func (s subject) Write(fn func(objects.Sink) error) error { return fn(s.Store) }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Subject { return subject{mem.New()} })
}
