package worktree

import (
	"context"
	"sync"
)

// spread does a task, and all tasks that come of it, on some goroutines at
// once. The newest task comes first, so that few wait at a time. It returns
// the first error.
func spread[T any](ctx context.Context, workers int, first T, do func(T) ([]T, error)) error {
	p := &pool[T]{todo: []T{first}, do: do}
	p.wake = sync.NewCond(&p.mu)
	stop := context.AfterFunc(ctx, func() { p.fail(ctx.Err()) })
	defer stop()
	var group sync.WaitGroup
	for range workers {
		group.Go(p.work)
	}
	group.Wait()
	p.mu.Lock() // ctx may be ending at this moment
	defer p.mu.Unlock()
	return p.err
}

type pool[T any] struct {
	do   func(T) ([]T, error)
	mu   sync.Mutex
	wake *sync.Cond
	todo []T
	busy int
	err  error
}

func (p *pool[T]) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
	}
	p.wake.Broadcast()
}

// work takes tasks until none is left and nobody can find more.
func (p *pool[T]) work() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for len(p.todo) == 0 && p.busy > 0 && p.err == nil {
			p.wake.Wait()
		}
		if len(p.todo) == 0 || p.err != nil {
			p.wake.Broadcast()
			return
		}
		task := p.todo[len(p.todo)-1]
		p.todo = p.todo[:len(p.todo)-1]
		p.busy++
		p.mu.Unlock()
		more, err := p.do(task)
		p.mu.Lock()
		p.busy--
		if err != nil && p.err == nil {
			p.err = err
		}
		p.todo = append(p.todo, more...)
		if len(more) > 1 || len(p.todo) == 0 {
			p.wake.Broadcast()
		}
	}
}
