package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: bench gen|edit|sum|run|table [flags]")
	}
	switch args[0] {
	case "gen":
		return gen(args[1:])
	case "edit":
		return edit(args[1:])
	case "sum":
		return sum(args[1:])
	case "run":
		return run(ctx, args[1:])
	case "table":
		return table(args[1:])
	}
	return fmt.Errorf("unknown command %q", args[0])
}
