// Package align compares sequences whose elements are numbers, equal numbers
// for equal elements: the lines of a text, the records of a table, the
// paragraphs of a document. [Diff] compares two, [Merge] finds what two sides
// did to a third, [Numbers] gives the numbers.
//
// Two sequences are compared by histogram: the run of common elements that
// holds the rarest element is held fixed, and the rest compared before and
// behind it (Pearce, JGit's HistogramDiff, 2010, after Cohen's patience diff).
// Stretches of nothing but common elements go to Myers, "An O(ND) Difference
// Algorithm and Its Variations", Algorithmica 1, 1986, in linear space and with
// a bound on the search. Groups of changed elements are then slid together as
// git does it. The merge is that of Khanna, Kunal and Pierce, "A Formal
// Investigation of Diff3", FSTTCS 2007, with the rules that git has: changes
// which touch are one, equal changes are taken once, what is equal inside a
// conflict is no conflict, and conflicts at most three elements apart are one.
// No module served by the Go proxy has the compaction and the three-way merge,
// which is why the comparison is our own.
package align
