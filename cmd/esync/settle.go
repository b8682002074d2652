package main

import (
	"context"

	"github.com/esync/esync/repo"
)

// settle is pull and sync where there is nobody to fetch from, as in a top-level parent, or in a copy that stands in for one:
// what others pushed may wait to be joined with the work of this copy's owner. When nothing waits, pull fails with none.
func (s *session) settle(ctx context.Context, r *repo.Repo, verb string, none error) (*repo.SyncResult, error) {
	before, err := r.Status(ctx, repo.StatusOptions{})
	if err != nil {
		return nil, err
	}
	res := &repo.SyncResult{From: before.Base, To: before.Base, UpToDate: true, Conflicts: before.Conflicts}
	if before.Incoming == 0 {
		if verb == "pull" {
			return nil, none
		}
		return res, nil
	}
	m, err := r.Merge(ctx, r.Line(), repo.MergeOptions{Message: "Merge what arrived"})
	if err != nil {
		return nil, err
	}
	res.To, res.UpToDate, res.Commits = m.ID, false, before.Incoming
	res.Conflicts, res.Merged, res.Joined, res.Notes, res.Files = m.Conflicts, m.Merged, m.Joined, m.Notes, m.Files
	return res, nil
}
