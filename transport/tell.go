package transport

// Tell gives an error words that the peer may read: they say nothing of this
// side that is not his business. Without it he gets the sentinel's only.
func Tell(err error, words string) error { return &toldError{err, words} }

// toldError is an error of which the peer hears more than its code.
type toldError struct {
	err   error
	words string
}

func (e *toldError) Error() string { return e.err.Error() + ": " + e.words }

func (e *toldError) Unwrap() error { return e.err }
