package main

import (
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// cell FILE SHEET CELL [TEXT]: puts a text into a cell of a workbook, or prints on stdout what the cell holds.
func cmdCell(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: cell FILE SHEET CELL [TEXT]")
	}
	file := ts.MkAbs(args[0])
	f, err := excelize.OpenFile(file)
	ts.Check(err)
	defer f.Close()
	if len(args) == 4 {
		ts.Check(f.SetCellStr(args[1], args[2], args[3]))
		ts.Check(f.SaveAs(file))
		return
	}
	v, err := f.GetCellValue(args[1], args[2])
	ts.Check(err)
	_, err = ts.Stdout().Write([]byte(v + "\n"))
	ts.Check(err)
}
