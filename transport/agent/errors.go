package agent

import "errors"

var (
	// ErrNoAgent: there is no agent that can be used for this. Connect without it.
	ErrNoAgent = errors.New("no agent")
	// ErrRunning: an agent runs already.
	ErrRunning = errors.New("an agent is running")
	// ErrFolder: the folder of the socket is open to others, or not the user's.
	ErrFolder = errors.New("folder of the agent")
	// ErrFrame: what came over the socket is no frame of this protocol.
	ErrFrame = errors.New("not a frame of the agent")
)
