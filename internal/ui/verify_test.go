package ui

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestVerifyPlan(t *testing.T) {
	show := proof.Show{Records: true, Logs: true, Picture: 20 * time.Second, Width: 1280, Height: 720}
	var shows []proof.Show
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-northeast-1"} {
		show.Region = region
		shows = append(shows, show)
	}
	shows[2].Records = false
	at(t, "verify-plan", func(p *page) {
		p.verifyPlan(shows, []string{"Rules of the app that match IVS's events see the show's too.", "The recording stays in the bucket; --purge deletes it."})
	})
	if got := VerifyQuestion(shows, Meta{Account: "123456789012", Environment: "production"}); got != "Put on 3 shows of account …9012 (production)?" {
		t.Error(got)
	}
}

const (
	longPrefix = "s3://yolo-production-liveplatforms-ivs-recordings-us-east-1/tZQm2mh85zAy/OaVhGpfAvObN/TQJqvRbfPEDu/composite"
	longARN    = "arn:aws:ivs:us-east-1:123456789012:composition/AbCdEfGhIjKl"
)

// proofOf is a whole proof in two regions, in which one finding has another
// verdict.
func proofOf(of func(*proof.Finding)) proof.Report {
	var r proof.Report
	for _, s := range []struct{ id, title, finding, text, evidence string }{
		{proof.StepConfiguration, "Configuration", "bucket", "The bucket is there", "it is"},
		{proof.StepShow, "Show", "show", "The show went on", "20.0 s of picture were sent"},
		{proof.StepRecording, "Recording", "ended", "IVS says that the recording ended well", "RECORDING_ENDED, in " + longPrefix},
		{proof.StepLog, "Log", "events", "The show's events are in the log", "Participant Published, Session Start, Destination Start, Destination End, Session End"},
		{proof.StepCleanup, "Cleanup", "stage", "Nothing of the show is left", "stage, token and composition are gone"},
	} {
		step := proof.Step{ID: s.id, Title: s.title, Elapsed: 2500 * time.Millisecond}
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			f := proof.Finding{Region: region, ID: s.finding, Title: s.text, Evidence: strings.ReplaceAll(s.evidence, "us-east-1", region), Verdict: proof.Pass}
			of(&f)
			step.Findings = append(step.Findings, f)
		}
		r.Steps = append(r.Steps, step)
	}
	return r
}

func TestVerifySummary(t *testing.T) {
	m := Meta{Command: "verify", Environment: "production", Elapsed: 31 * time.Second, Requests: Requests{Total: 94}}
	warned := m
	warned.Warnings = []reconcile.Warning{{Code: "ReceiptNotWritten", Region: "us-east-1", Text: "the proof of recording holds, but could not be written down", Fix: "allow ivs:TagResource on the storage configuration"}}
	pass := func(*proof.Finding) {}
	failed := func(f *proof.Finding) {
		switch {
		case f.Region != "eu-west-1":
		case f.ID == "show":
			f.ID, f.Verdict, f.Evidence, f.Fix = "destination", proof.Fail, "it did not get beyond this: record (IVS says AccessDeniedException: Access denied to S3 bucket)", "yolo doctor production --region eu-west-1 --composition "+longARN
		case f.ID == "ended" || f.ID == "events":
			f.Verdict, f.Behind, f.Evidence = proof.NotProven, true, "there was no whole show to look for"
		}
	}
	unknown := func(f *proof.Finding) {
		if f.ID == "events" {
			f.Verdict, f.Evidence, f.Err = proof.NotProven, "the log could not be looked at", errors.New("logs:FilterLogEvents in "+f.Region+": AccessDeniedException")
		}
	}
	dry := proofOf(pass)
	dry.DryRun, dry.Steps = true, dry.Steps[:1]
	stopped := proofOf(unknown)
	stopped.Interrupted = true
	for name, c := range map[string]struct {
		report proof.Report
		meta   Meta
	}{
		"pass": {proofOf(pass), m}, "fail": {proofOf(failed), m}, "unknown": {proofOf(unknown), m}, "warned": {proofOf(pass), warned},
		"dry-run": {dry, m}, "stopped": {stopped, m},
		"skipped": {proof.Report{Steps: []proof.Step{{ID: proof.StepConfiguration, Title: "Configuration", Skipped: "aws.ivs.recording is not in the manifest"}}}, m},
		"none":    {proof.Report{}, m},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, "verify-"+name, func(p *page) { p.proof(c.report, c.meta) })
			color := layout{width: 80, style: true}.page()
			color.proof(c.report, c.meta)
			plain := layout{width: 80}.page()
			plain.proof(c.report, c.meta)
			if ansi.Strip(color.String()) != plain.String() {
				t.Error("with colours it says something else")
			}
		})
	}
}

// What holds is told in one line for all regions of which the same is to be
// said, and what does not with all its evidence.
func TestVerifyShort(t *testing.T) {
	step := proof.Step{ID: proof.StepRecording, Title: "Recording", Elapsed: time.Second}
	links := proof.Step{ID: proof.StepConfiguration, Title: "Configuration"}
	for _, region := range sevenRegions {
		for _, f := range []proof.Finding{
			{ID: "ended", Short: "ended well", Own: "8.0 s in 4 segments, " + strings.ReplaceAll(longPrefix, "us-east-1", region)},
			{ID: "container", Short: "MPEG-TS"},
			{ID: "audio", Short: "AAC-LC"},
		} {
			f.Region, f.Verdict, f.Title, f.Evidence = region, proof.Pass, "Not told", "at length"
			step.Findings = append(step.Findings, f)
		}
		for _, feature := range []string{"recording", "logging"} {
			for _, id := range []string{"ivs", "bucket", "write-access"} {
				links.Findings = append(links.Findings, proof.Finding{Region: region, Feature: feature, ID: id, Verdict: proof.Pass, Evidence: "at length"})
			}
		}
	}
	of := func(s proof.Step) proof.Report { return proof.Report{Steps: []proof.Step{s}} }
	at(t, "verify-short", func(p *page) { p.proof(of(step), Meta{}) })
	silent := &step.Findings[5]
	silent.Verdict, silent.Evidence, silent.Fix = proof.Fail, "0.ts has no audio track", "run it again"
	at(t, "verify-short-but-one", func(p *page) { p.proof(of(step), Meta{}) })
	dry := of(links)
	dry.DryRun = true
	at(t, "verify-dry-run-seven", func(p *page) { p.proof(dry, Meta{}) })
	broken := &links.Findings[1]
	broken.Verdict, broken.Evidence, broken.Fix = proof.Fail, "the bucket is not there", "yolo sync:recording production"
	links.Findings[2].Verdict, links.Findings[2].Behind = proof.NotProven, true
	dry = of(links)
	dry.DryRun = true
	at(t, "verify-dry-run-broken", func(p *page) { p.proof(dry, Meta{}) })
}

// What AWS or a file says cannot move the terminal.
func TestProofIsClean(t *testing.T) {
	r := proofOf(func(f *proof.Finding) {
		f.Title, f.Evidence, f.Fix, f.Region = "a\x1b[2J", "b\rc", "d\te", "f\x1b]0;g"
		f.Verdict = proof.Fail
	})
	text := drawn(func(p *page) { p.proof(r, Meta{}) })
	if strings.ContainsAny(text, "\x1b\r\t") {
		t.Errorf("%q", text)
	}
	b := newProofBoard(false, "t", []string{"us-east-1"}, time.Time{})
	b.take(ProofNow{Region: "us-east-1", Step: proof.StepShow, Doing: "a\x1b[2J"}, time.Time{})
	if text := strings.Join(b.frame(80, 24, time.Time{}), ""); strings.Contains(text, "\x1b") {
		t.Errorf("%q", text)
	}
}

// proofBoardAfter is a board of seven regions, each further than the next.
func proofBoardAfter(d time.Duration) (b *proofBoard, now time.Time) {
	begun := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	b = newProofBoard(false, "Verifying production", sevenRegions, begun)
	for i, region := range sevenRegions {
		script := []ProofNow{
			{Step: proof.StepShow, Doing: "making a stage"},
			{Step: proof.StepShow, Doing: "waiting for the destination to become ACTIVE"},
			{Step: proof.StepShow, Doing: "the picture is on"},
			{Step: proof.StepCleanup, Doing: "taking the stage away"},
			{Step: proof.StepCleanup, Verdict: proof.Pass},
			{Step: proof.StepShow, Verdict: proof.Pass},
			{Step: proof.StepRecording, Doing: "looking for the recording"},
			{Step: proof.StepLog, Doing: "looking for the events"},
			{Step: proof.StepRecording, Verdict: proof.Fail},
			{Step: proof.StepLog, Verdict: proof.NotProven},
		}
		when := begun.Add(time.Duration(i) * 4 * time.Second)
		for _, one := range script {
			if when.After(begun.Add(d)) {
				break
			}
			one.Region = region
			length := 2 * time.Second
			if one.Doing == "the picture is on" {
				length = 20 * time.Second
				one.Until = when.Add(length)
			}
			b.take(one, when)
			when = when.Add(length)
		}
	}
	return b, begun.Add(d)
}

func TestProofFrame(t *testing.T) {
	for _, size := range []struct{ width, height int }{{80, 24}, {40, 24}, {80, 40}, {80, 10}, {40, 5}, {12, 3}} {
		var all strings.Builder
		for _, after := range []time.Duration{time.Second, 9 * time.Second, 27 * time.Second, 40 * time.Second, 70 * time.Second} {
			b, now := proofBoardAfter(after)
			frame := b.frame(size.width, size.height, now)
			if len(frame) >= size.height {
				t.Errorf("%v: %d rows of %d", size, len(frame), size.height)
			}
			text := strings.Join(frame, "\n")
			fits(t, text, size.width)
			fmt.Fprintf(&all, "%s\n\n", text)
		}
		golden(t, fmt.Sprintf("verify-frame-%dx%d.txt", size.width, size.height), all.String())
	}
	b, now := proofBoardAfter(time.Second)
	if frame := b.frame(80, 1, now); len(frame) != 0 {
		t.Errorf("without room: %q", frame)
	}
	b.stopping = true
	for width, want := range map[int]string{120: stoppingProof, 50: "interrupted: taking all away", 12: "stopping"} {
		if got := b.frame(width, 24, now)[0]; !strings.HasPrefix(got, want) {
			t.Errorf("%d columns: %q", width, got)
		}
	}
}

// The picture is in one place however the window changes, and is gone at the end.
func TestProofProgressOnATerminal(t *testing.T) {
	screen := newVT(80, 24)
	synctest.Test(t, func(t *testing.T) {
		s := &Streams{Err: &Stream{w: screen}, Size: screen.size, Live: true, Color: true}
		_, _ = screen.Write([]byte(prompt))
		p := NewProofProgress(s, "Verifying production", sevenRegions)
		for _, region := range sevenRegions {
			p.At(ProofNow{Region: region, Step: proof.StepShow, Doing: "the picture is on", Until: time.Now().Add(20 * time.Second)})
			p.Tell(region, "not for the picture")
		}
		p.At(ProofNow{Region: "mars-1", Step: proof.StepShow, Doing: "nothing"})
		for _, width := range []int{80, 40, 100} {
			screen.resize(width, 24)
			time.Sleep(3*spin + spin/2)
			synctest.Wait()
			whole(t, screen, "Verifying production", true)
			if text := screen.text(); !strings.Contains(text, "19s left") || strings.Contains(text, "not for") {
				t.Error(text)
			}
		}
		p.Stopping()
		time.Sleep(3 * spin)
		synctest.Wait()
		if text := screen.text(); !strings.Contains(text, "interrupted: taking away what was made") {
			t.Error(text)
		}
		p.Close()
		p.Close()
		p.At(ProofNow{Region: "us-east-1", Step: proof.StepShow})
		if text := screen.text(); strings.Contains(text, "us-east-1") {
			t.Errorf("left on the screen:\n%s", text)
		}
	})
	if len(screen.unknown) > 0 {
		t.Errorf("the terminal was sent the codes %q", screen.unknown)
	}
}

// Without a terminal there are lines of what happens, until the end, or none.
func TestProofProgressInLines(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		var out bytes.Buffer
		synctest.Test(t, func(*testing.T) {
			p := NewProofProgress(&Streams{Err: &Stream{w: &out}, Quiet: quiet}, "Verifying production", []string{"us-east-1"})
			p.Tell("us-east-1", "the stage is there")
			p.At(ProofNow{Region: "us-east-1", Step: proof.StepShow, Doing: "the picture is on"})
			time.Sleep(1500 * time.Millisecond)
			p.At(ProofNow{Region: "us-east-1", Step: proof.StepLog, Doing: "looking for the events"})
			p.At(ProofNow{Region: "us-east-1", Step: proof.StepLog, Verdict: proof.Pass})
			p.Stopping()
			p.Close()
			p.Tell("us-east-1", "too late")
		})
		want := "    0.0s us-east-1: the stage is there\n    1.5s us-east-1: looking for the events\n    1.5s " + stoppingProof + "\n"
		if quiet {
			want = ""
		}
		if got := strings.ReplaceAll(out.String(), "\r", ""); got != want {
			t.Errorf("quiet %v: %q, want %q", quiet, got, want)
		}
	}
}
