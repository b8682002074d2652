// Package storetest is the suite that every store of objects passes. A store's
// test wraps the store as a [Subject] and calls [Run].
package storetest
