package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/yolo-live/yolo/internal/emulator/events"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// strikeBefore plays the fault as far as it comes before the effect, and
// tells whether it has decided the exchange.
func (x *exchange) strikeBefore() (decided bool) {
	if x.fault == nil || x.fault.After {
		return false
	}
	switch x.fault.Kind {
	case KindCode, KindThrottled, KindExpired, KindRefuse, KindNoSuchHost, KindReset:
		x.strike()
		return true
	case KindHang:
		return !x.hang()
	case KindFailedEntry:
		x.code = x.fault.Code
		x.response = x.service.(*events.Service).FailEntries(x.request, x.fault.Code)
		return true
	case KindSkew:
		return x.skew(time.Duration(x.fault.Duration))
	case KindInvisible:
		later := x.server.store.Delayed(time.Duration(x.fault.Duration))
		x.service = x.server.servicesOver(later)[x.name]
	case KindLosePolicyEdit, KindStalePolicyEdit, KindNoMedia, KindEmptyPage:
		x.request.Twist = wire.Twist(x.fault.Kind)
	case KindCut:
	}
	return false
}

// struck tells the HTTP status with which a fault has a write to S3 fail that
// AWS makes itself; 0 for none. Of a connection that breaks it is that of a
// service that cannot be had.
func (s *Server) struck(account, region, operation string) (status int) {
	r := &wire.Request{Account: account, Region: region, Operation: operation}
	switch fault, _ := s.faults.strike("s3", r); {
	case fault == nil:
		return 0
	case fault.answers():
		return fault.errorOf("s3", r).Status
	case fault.Kind == KindRefuse, fault.Kind == KindNoSuchHost, fault.Kind == KindReset, fault.Kind == KindCut, fault.Kind == KindHang:
		return http.StatusServiceUnavailable
	}
	return 0
}

// strikeAfter plays a fault that comes after the effect.
func (x *exchange) strikeAfter() {
	switch {
	case x.fault == nil || !x.fault.After:
	case x.fault.Kind == KindHang:
		x.hang()
	default:
		x.strike()
	}
}

// strike replaces whatever the answer was.
func (x *exchange) strike() {
	x.drop()
	if x.fault.answers() {
		x.fail(x.fault.errorOf(x.name, x.request))
		return
	}
	x.code = string(x.fault.Kind)
}

// answers tells whether the fault is an error that is answered.
func (f *Fault) answers() bool {
	return f.Kind == KindCode || f.Kind == KindThrottled || f.Kind == KindExpired
}

// hang waits until the fault is disarmed, and tells whether it was; otherwise
// the client is gone.
func (x *exchange) hang() (released bool) {
	h := x.request.HTTP
	// net/http notices that the client is gone once the body is read.
	body, _ := io.ReadAll(h.Body)
	h.Body = io.NopCloser(bytes.NewReader(body))
	select {
	case <-x.disarmed:
		return true
	case <-h.Context().Done():
		x.drop()
		x.code = string(KindHang)
		return false
	}
}

func (x *exchange) drop() {
	if x.response != nil && x.response.Stream != nil {
		_ = x.response.Stream.Close()
	}
	x.response = nil
}

// Signatures are good for this long (Signature Version 4: S3 and the others).
const (
	signatureValidS3 = 15 * time.Minute
	signatureValid   = 5 * time.Minute
)

// skew moves AWS's clock for this exchange and refuses a signature that is
// too old or too new by it.
func (x *exchange) skew(by time.Duration) (refused bool) {
	r := x.request
	r.Now = r.Now.Add(by)
	signed, err := time.Parse("20060102T150405Z", signingTime(r.HTTP))
	if err != nil {
		return false
	}
	limit := signatureValid
	if x.name == "s3" {
		limit = signatureValidS3
	}
	if off := r.Now.Sub(signed).Abs(); off <= limit {
		return false
	}
	x.fail(x.skewError(signed, limit))
	return true
}

func (x *exchange) skewError(signed time.Time, limit time.Duration) *wire.Error {
	if x.name == "s3" {
		return (&Fault{Code: "RequestTimeTooSkewed"}).errorOf(x.name, x.request)
	}
	const form = "20060102T150405Z"
	now, minutes := x.request.Now.UTC(), int(limit.Minutes())
	message := fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - %d min.)",
		signed.Format(form), now.Add(-limit).Format(form), now.Format(form), minutes)
	if signed.After(now) {
		message = fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + %d min.)",
			signed.Format(form), now.Add(limit).Format(form), now.Format(form), minutes)
	}
	code := "InvalidSignatureException"
	if x.name == "sts" || x.name == "iam" {
		code = "SignatureDoesNotMatch"
	}
	return (&Fault{Code: code, Message: message}).errorOf(x.name, x.request)
}

// send writes the answer, or ends the connection in the fault's manner.
func (x *exchange) send(w http.ResponseWriter) {
	switch {
	case x.response == nil && x.neverConnected():
		w.Header().Set(insideHeader, x.code)
	case x.response == nil:
		hangUp(w, x.code == string(KindReset))
	case x.fault != nil && x.fault.Kind == KindCut:
		writeHalf(w, x.request, x.response)
	default:
		write(w, x.request, x.response)
	}
}

// hangUp ends the connection without an answer: with a TCP reset, or quietly.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
