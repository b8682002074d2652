// Package worktree joins the user's folder and the trees of the store.
package worktree
