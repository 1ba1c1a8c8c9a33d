package cloud

// callStack is how many bytes of stack an API call takes: the SDK leads it
// through some forty middlewares, one within the other.
const callStack = 24 << 10

// growStack makes room on the stack for a call. A goroutine begins with 2 KB,
// and each time that it needs more, all that is on its stack is moved to one
// twice as large: on the way through the middlewares four times, of which this
// leaves one. The room is a function's with use for so much, but it is not
// used: memory that is not touched costs nothing.
//
//go:noinline
func growStack(use bool) {
	if use {
		var room [callStack]byte
		touch(&room)
	}
}

//go:noinline
func touch(*[callStack]byte) {}
