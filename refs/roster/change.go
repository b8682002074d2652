package roster

import (
	"fmt"
	"time"
)

// CheckChange tells whether the holder of a key may put settings after others, at that time. before is nil for the first
// version, which its maker signs as one of its admins.
func CheckChange(before, after *Settings, by Key, when time.Time) error {
	if before == nil {
		if after.LevelOf(by, when) != Admin {
			return fmt.Errorf("%w make the first settings, and %s is none in them", ErrNotAdmin, by.Fingerprint())
		}
		return nil
	}
	if before.LevelOf(by, when) != Admin {
		who := by.Fingerprint()
		if m := before.Member(by); m != nil {
			who = fmt.Sprintf("%q", m.Name)
		}
		return fmt.Errorf("%w change the settings, and %s is none", ErrNotAdmin, who)
	}
	if after.Nonce != before.Nonce {
		return fmt.Errorf("%w: the nonce is the engagement's for ever", ErrChange)
	}
	for i := range after.Members {
		if after.Members[i].LevelAt(when) == Admin {
			return nil
		}
	}
	return fmt.Errorf("%w: no admin would be left", ErrChange)
}
