// Package corpus makes folders of audit working papers from a seed, and changes them the way a team of auditors does,
// for tests and measurements. The same preset, seed and Go release give the same bytes.
//
// Reading order: [Preset] (how many files, how large), [Generate], [Edit] with its operations, [Sum].
//
// An engagement is made of these kinds, by number of files: workbooks 38%, documents 20%, scanned PDFs 26%, mails 10%, CSV and
// DBF exports 3% each; 6% of all files are exact copies of earlier ones, and 40% of the mails carry an earlier file. Sizes are
// log-normal about the preset's mean. Workbooks and documents are real zip archives of deflated XML that share the parts that every
// document of a firm shares; pictures and scans do not compress, as JPEG does not. Exports of the general ledger come as one
// large file each. The preset T is all tiny files instead.
package corpus
