// Package graph answers questions about history: what is an ancestor of what,
// where two lines of work parted, which commits one side lacks.
//
// Reading order: [Commits] and [Cache], through which commits are read;
// [MergeBases], [IsAncestor], [AheadBehind]; [Between], by which both ends of
// a transfer derive the same list; [Walk] and [Touched] for `log`; [Lookup]
// finds a path in a tree.
//
// Every commit carries a generation number, greater than that of each of its
// parents. All walks take the commit of the greatest generation first, so when
// one is taken all its descendants have been, and what is known of it is
// final. That is why a walk can stop as soon as nothing left can matter, and
// why questions near the tips read a handful of commits of 100,000. The idea
// is that of git's commit-graph (Documentation/technical/commit-graph.adoc,
// "generation numbers").
//
// A graph that contradicts its own generation numbers is refused with
// [ErrGeneration] as soon as a walk meets the contradiction.
package graph
