// Package faultfs makes a disk fail, or a machine lose power, at a chosen
// operation. It wraps any fsys.FS.
//
// A test counts the operations of a run that goes well ([FS.Count]), then
// repeats the run once for every number, with a [Plan] that makes that
// operation fail or stop. After a stop, [FS.Crash] ends the "process": it
// closes what is open, frees its locks and, with Plan.Drop, takes back what
// was never synced. The folder can then be opened again and looked at.
//
// Operations are what changes the disk: opening to write, Write, Sync,
// Truncate, Mkdir, Remove, Rename, Chtimes, Chmod, SyncDir, Lock; with
// Plan.Reads also the ones that only look.
package faultfs
