package cloud

import (
	"context"

	"github.com/aws/smithy-go"
)

// Call makes an API call, as in Call(ctx, client.HeadBucket, in). Its error is
// an *Error without the SDK's own words around it.
//
// Its type parameters stand for pointers, of which the compiler makes one copy
// for all operations.
func Call[I, O, P any](ctx context.Context, operation func(context.Context, I, ...func(P)) (O, error), in I, options ...func(P)) (O, error) {
	growStack(false)
	out, err := operation(ctx, in, options...)
	return out, Plain(err)
}

// Plain takes the SDK's words off an error of a call, for calls that Call
// cannot make, such as a paginator's.
func Plain(err error) error {
	if wrapped, ok := err.(*smithy.OperationError); ok { //nolint:errorlint // one deeper inside carries words of ours
		return wrapped.Err
	}
	return err
}
