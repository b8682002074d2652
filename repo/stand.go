package repo

import (
	"strings"

	"github.com/esync/esync/merge"
	"github.com/esync/esync/objects"
	"github.com/esync/esync/refs"
)

// standing is the tree that the files of this copy stand on: that of the commit
// which work/base names, but for the papers in conflict of which this copy keeps
// its own version. Then work/tree names it.
func (r *Repo) standing(state refs.State) (objects.ID, error) {
	if tree := treeIn(state.Get(nameStand)); !tree.IsZero() {
		return tree, nil
	}
	return r.treeOf(idOf(state.Get(nameBase)))
}

// treeMark begins the value of a name that stands for a tree. Other names with
// IDs stand for commits.
const treeMark = "tree:"

func treeValue(tree objects.ID) refs.Value {
	if tree.IsZero() {
		return ""
	}
	return treeMark + refs.IDValue(tree)
}

// treeIn is the inverse of treeValue.
func treeIn(v refs.Value) objects.ID {
	text, ok := strings.CutPrefix(string(v), treeMark)
	if !ok {
		return objects.ID{}
	}
	return idOf(refs.Value(text))
}

// stand gives the tree that the files are to stand on when they go from one tree
// to a commit.
func (r *Repo) stand(from, commit objects.ID) (objects.ID, error) {
	to, err := r.treeOf(commit)
	if err != nil {
		return objects.ID{}, err
	}
	open, err := r.conflictsOf(commit)
	if err != nil || len(open) == 0 {
		return to, err
	}
	w, err := r.store.Begin()
	if err != nil {
		return objects.ID{}, err
	}
	defer w.Close()
	tree, err := merge.Stand(w, w, from, to, open)
	if err != nil {
		return objects.ID{}, err
	}
	return tree, w.Commit()
}

// moved gives the changes of names by which the files stand on a commit, and on
// a tree.
func (r *Repo) moved(state refs.State, commit, tree objects.ID) ([]refs.Change, error) {
	whole, err := r.treeOf(commit)
	if err != nil {
		return nil, err
	}
	if tree == whole {
		tree = objects.ID{}
	}
	return []refs.Change{change(state, nameBase, valueOf(commit)), change(state, nameStand, treeValue(tree))}, nil
}

// asSeen gives conflicts as this copy sees them: ours is the version that its
// files have.
func (r *Repo) asSeen(state refs.State, list []merge.Conflict) ([]merge.Conflict, error) {
	if len(list) == 0 || r.tree == nil {
		return list, nil
	}
	stands, err := r.standing(state)
	if err != nil {
		return nil, err
	}
	out := make([]merge.Conflict, len(list))
	for i, c := range list {
		if out[i] = c; c.Kind == merge.FolderRenamed {
			continue
		}
		side, err := c.Side(r.store, stands)
		if err != nil {
			return nil, err
		}
		if side == merge.Theirs {
			out[i] = c.Mirror()
		}
	}
	return out, nil
}
