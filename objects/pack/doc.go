// Package pack stores objects in append-only packs, in a folder.
package pack
