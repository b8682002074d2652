package pack

// Reseal makes the length and the checksum of a forged frame right.
func Reseal(b []byte) {
	if len(b) >= minFrame {
		copy(b, reseal(b))
	}
}
