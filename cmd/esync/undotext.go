package main

import (
	"github.com/esync/esync/repo"
)

func (s *session) showUndone(did string, res *repo.UndoResult) error {
	if s.json {
		return s.object(undoRecord{operationOf(res.Undone), filesOf(res.Files)})
	}
	s.line("%s operation %d: %s; %s", did, res.Undone.Seq, res.Undone.Command, raw(filesChanged(res.Files)))
	s.showWaiting(res.Files.Waiting)
	if res.Note != "" {
		s.warn("%s", res.Note)
	}
	return nil
}

func (s *session) listOperations(r *repo.Repo, limit int) error {
	ops, err := r.Operations(limit)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if s.json {
			err = s.object(operationOf(op))
		} else {
			s.line("%d  %s  %s", op.Seq, op.Time.Local().Format("2006-01-02 15:04:05"), op.Command)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
