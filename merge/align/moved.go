package align

// Moved pairs rows that a side has put elsewhere as they were, where it matters:
// the other side has put them elsewhere as well, has changed them or has them no
// more; or all of them. Else a row that is gone in one place and new in another is no
// more than that. It gives the rows of both sides that are not new but moved.
func Moved(po, pt *Pairing, ours, theirs Sequence, all bool) (movedOurs, movedTheirs map[int]bool) {
	o, t := po.moved(ours), pt.moved(theirs)
	backOurs, backTheirs := ours.Back(po.A.Rows()), theirs.Back(pt.A.Rows())
	movedOurs, movedTheirs = make(map[int]bool, len(o)), make(map[int]bool, len(t))
	for b, row := range o {
		movedOurs[row] = true
		if at := backTheirs[b]; all || at < 0 || !pt.Alike(b, at) {
			ours[row] = b
		}
	}
	for b, row := range t {
		movedTheirs[row] = true
		if at := backOurs[b]; all || at < 0 || !po.Alike(b, at) {
			theirs[row] = b
		}
	}
	return movedOurs, movedTheirs
}

// moved gives, by row of A, the new row of B that holds the same as one that is
// gone; as many of these as of those.
func (p *Pairing) moved(s Sequence) map[int]int {
	gone, fresh := map[string][]int{}, map[string][]int{}
	for b, row := range s.Back(p.A.Rows()) {
		if row < 0 {
			key := string(p.KeyA(b))
			gone[key] = append(gone[key], b)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	for row, b := range s {
		if b < 0 {
			key := string(p.KeyB(row))
			fresh[key] = append(fresh[key], row)
		}
	}
	list := map[int]int{}
	for key, from := range gone {
		if to := fresh[key]; len(to) == len(from) {
			for i, b := range from {
				list[b] = to[i]
			}
		}
	}
	return list
}
