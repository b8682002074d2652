package repo

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
	"github.com/esync/esync/refs/roster"
)

// signatures checks who signed: every version of the settings and admissions
// by who might make it, and every commit that is reached by anybody at all,
// under settings of this engagement. Whether a member may write was judged when
// his commits came in; what this user recorded himself he may keep.
func (c *checker) signatures(ctx context.Context, state refs.State) error {
	judge := roster.Judge{}
	chain, err := roster.Load(c.repo.store, idOf(state.Get(nameEngagement)), idOf(state.Get(nameSettings)))
	if err != nil {
		c.reportMeta(idOf(state.Get(nameSettings)), "settings: ", err)
	} else {
		judge.Chain = chain
		for name, value := range state.List(underAdmit) {
			tag, _ := name.Under(underAdmit)
			if _, err := roster.LoadAdmissions(c.repo.store, chain, tag, nil, idOf(value)); err != nil {
				c.reportMeta(idOf(value), name.String()+": ", err)
			}
		}
	}
	var next atomic.Int64
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(c.commits) {
					return nil
				}
				if err := c.signed(&judge, c.commits[i]); err != nil {
					mu.Lock()
					c.commit = c.commits[i]
					c.report(c.commits[i], objects.KindCommit, "", err)
					mu.Unlock()
				}
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// signed checks one commit of content. What cannot be read has been reported.
func (c *checker) signed(judge *roster.Judge, id objects.ID) error {
	commit, err := objects.ReadCommit(c.repo.store, id)
	if err != nil || roster.IsMeta(commit) {
		return nil
	}
	if _, err := roster.SignerOf(commit); err != nil {
		return err
	}
	if judge.Chain == nil {
		return nil
	}
	if _, err := judge.Version(commit); errors.Is(err, roster.ErrForged) {
		return err
	}
	return nil
}

// reportMeta notes what is wrong with a chain, unless an object of it is
// damaged or missing, which is in the list by now.
func (c *checker) reportMeta(id objects.ID, what string, err error) {
	var object *objects.ObjectError
	if errors.As(err, &object) && c.damaged[object.ID] != nil {
		return
	}
	c.commit = objects.ID{}
	c.report(id, objects.KindCommit, "", fmt.Errorf("%s%w", what, err))
}
