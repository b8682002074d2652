package netlab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Supported says why there is no laboratory here, or nil.
func Supported() error {
	if os.Geteuid() != 0 {
		return errors.New("only root makes network namespaces")
	}
	for _, program := range []string{"ip", "bridge", "nft"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("the program %q is missing (packages iproute2 and nftables)", program)
		}
	}
	if _, err := os.Stat(tunDevice); err != nil {
		return err
	}
	ns, err := newNamespace("probe")
	if err != nil {
		return err
	}
	defer ns.close()
	return ns.do(func() error { return run("nft", "add table bridge probe") })
}
