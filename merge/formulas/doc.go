// Package formulas reads and writes the language of formulas in workbooks as a
// text: [Lex] cuts a formula into tokens, of which joined it is made again;
// [Rewrite] puts others in their place, [Slide] copies a formula down or to the
// right, [Canonical] gives the one way of writing by which two are compared.
// Nothing is computed.
//
// The grammar is that of ECMA-376 part 1, 18.17, as far as it is needed to find
// what a formula refers to: cells, areas, names and tables, in this workbook
// and in others. What is not understood stays as it is.
package formulas
