// Package mem is a store in memory: an objects.Source and objects.Sink for
// tests and for trees that are only looked at. It keeps every object whole,
// so it is for small things.
package mem
