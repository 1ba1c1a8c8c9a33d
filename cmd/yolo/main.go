// Command yolo makes Amazon IVS Real-Time recording and IVS event logging work
// in every region that a yolo.yml names.
package main

import (
	"os"

	"github.com/yolo-live/yolo/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
