package contract

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

// billVariable holds the account for whose bill somebody answers.
const billVariable = "YOLO_CONTRACT_BILL"

// bill is what a proof has AWS bill at most, cleaning up included.
type bill struct {
	participant int // minutes of one participant, who publishes 720p
	composition int // minutes of a composition at 720p
	objects     int // requests with which IVS writes to S3
}

// settling is the pause after each change before a show begins.
const settling = 5 * time.Second

// showLasts is how long one show may last, so that none goes on as long as go test
// lets it, which then cleans up nothing.
const showLasts = 8 * time.Minute

// TestShows proves what takes a show: on the emulator, or, when somebody answers
// for the bill, on an account.
func TestShows(t *testing.T) {
	profile := os.Getenv(profileVariable)
	if profile == "" {
		proveEmulated(t, []group{{"Shows", showCases}})
		return
	}
	ctx, a := enter(t, profile)
	announceBill(os.Stderr, profile, a.id)
	if err := consented(os.Getenv(billVariable), a.id); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "It begins in %v.\n", timeToThink)
	wait(ctx, timeToThink)
	a.sweepFirst(ctx, t)
	for _, b := range showCases {
		// Once each: a second attempt would be billed again.
		t.Run(b.id, func(t *testing.T) {
			bounded, cancel := context.WithTimeout(ctx, showLasts)
			defer cancel()
			a.proveOne(bounded, t, b, settling)
		})
	}
}

// consented tells why nothing is done, nil when it may be.
func consented(to, id string) error {
	if to == id {
		return nil
	}
	if to != "" {
		return fmt.Errorf("nothing was done: %s is %q, and the profile's account is %s", billVariable, to, id)
	}
	return fmt.Errorf("nothing was done: the same command with %s=%s does it", billVariable, id)
}

// sum is the bill for all of some beliefs.
func sum(beliefs []belief) (all bill) {
	for _, b := range beliefs {
		all.participant += b.bills.participant
		all.composition += b.bills.composition
		all.objects += b.bills.objects
	}
	return all
}

// announceBill says before anything is made what AWS will bill.
func announceBill(to io.Writer, profile, id string) {
	fmt.Fprintf(to, "%d shows will be put on in account %s (profile %s), in %s; one uses a bucket in %s.\nAWS bills for them, at most:\n\n", len(showCases), id, profile, home, away)
	const row = "  %-8s %5d min of a participant, %5d min of a composition at %dx%d, %5d S3 requests\n"
	for _, b := range showCases {
		fmt.Fprintf(to, row, b.id, b.bills.participant, b.bills.composition, pictureWidth, pictureHeight, b.bills.objects)
	}
	all := sum(showCases)
	fmt.Fprintf(to, row, "all", all.participant, all.composition, pictureWidth, pictureHeight, all.objects)
	fmt.Fprintf(to, `
and some hundred requests and log events, and the storage of some megabytes until they are
deleted. Prices are AWS's: aws.amazon.com/ivs/pricing, aws.amazon.com/s3/pricing.

Each show makes a stage, a bucket, a storage and an encoder configuration, a log group with its
policy, and a rule for all events of IVS in %s; a rule of yours sees the shows' events, too.
All names hold %q, and what can be tagged has yolo:contract. All of it is deleted
after each show, also when it fails or Ctrl-C ends it. What a run that was killed left behind more
than an hour ago is taken away first; its composition stopped itself a minute after its publisher
was gone.

`, home, marker)
}
