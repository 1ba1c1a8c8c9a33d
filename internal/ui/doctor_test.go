package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// showFinding is one on a show, as doctor makes them.
func showFinding(region, id string, v proof.Verdict, evidence, fix string) proof.Finding {
	return proof.Finding{Region: region, ID: id, Title: "The show is recorded", Feature: "recording", Verdict: v, Evidence: evidence, Fix: fix}
}

func wholeShow(region string, n int) proof.Finding {
	return showFinding(region, "recorded", proof.Pass, fmt.Sprintf("show-%d, composition c%d, 2026-11-22 20:00:00 UTC: 30 min 0 s in s3://b/a/c%d/d/composite", n, n, n), "")
}

// doctored is a report of these shows in two regions.
func doctored(shows ...proof.Finding) proof.Report {
	const since = "since 2026-11-21 20:00:00 UTC"
	log := func(region string, v proof.Verdict, evidence string) proof.Finding {
		return proof.Finding{Region: region, ID: "log", Title: "The log tells of shows", Feature: "logging", Verdict: v, Evidence: evidence}
	}
	return proof.Report{Steps: []proof.Step{
		{ID: proof.StepConfiguration, Title: "Configuration", Elapsed: time.Second, Findings: []proof.Finding{
			{Region: "us-east-1", ID: "bucket", Verdict: proof.Pass}, {Region: "eu-west-1", ID: "bucket", Verdict: proof.Pass},
		}},
		{ID: proof.StepLog, Title: "Log", Elapsed: time.Second, Findings: []proof.Finding{
			log("us-east-1", proof.Pass, "7 shows and 51 events "+since), log("eu-west-1", proof.NotProven, "no event "+since),
		}},
		{ID: proof.StepRecording, Title: "Recordings", Elapsed: 2 * time.Second, Findings: shows},
	}}
}

func TestDoctor(t *testing.T) {
	const (
		quoted = "friday-show, composition s2AdaGUbvQgp, 2026-11-22 20:01:03 UTC: IVS says ResourceNotFoundException: S3 bucket not found. " +
			"Please verify your bucket exists. (Destination Failure)"
		short = "late-show, composition x3BebHVcwRhq, 2026-11-22 23:00:00 UTC: it was published to for 30 min 0 s, but there is 10 min 0 s " +
			"in s3://yolo-production-liveplatforms-ivs-recordings-us-east-1/MNALAcH9j2EJ/x3BebHVcwRhq/2pBRKrNgX1ff/composite"
	)
	idle := showFinding("eu-west-1", "no-traffic", proof.NotProven, "no show to judge; yolo verify production --region eu-west-1 puts one on", "")
	var many []proof.Finding
	for n := range 198 {
		many = append(many, wholeShow("us-east-1", n))
	}
	bad := []proof.Finding{
		showFinding("us-east-1", "failed", proof.Fail, quoted, "yolo verify:recording production --dry-run --region us-east-1 tells what is wrong"),
		showFinding("us-east-1", "too-short", proof.Fail, short, "see who published, and when: yolo events production --region us-east-1 --since 4h"),
	}
	warnings := []reconcile.Warning{{
		Code: "EventMissing", Region: "us-east-1", Step: proof.StepLog, Text: "2 recordings without Destination Start in the log: s3://b/a/c1/d/composite, s3://b/a/c2/d/composite",
		Fix: "IVS's events are best effort; if many are missing: yolo verify:logging production --region us-east-1",
	}}
	for name, test := range map[string]struct {
		report   proof.Report
		warnings []reconcile.Warning
	}{
		"doctor-good":  {report: doctored(wholeShow("us-east-1", 1), wholeShow("us-east-1", 2))},
		"doctor-idle":  {report: doctored(showFinding("us-east-1", "no-traffic", proof.NotProven, "no show to judge", ""), idle)},
		"doctor-many":  {report: doctored(append(append(bad, many...), idle)...), warnings: warnings},
		"doctor-empty": {report: proof.Report{Steps: []proof.Step{{ID: proof.StepConfiguration, Title: "Configuration", Skipped: "aws.ivs.recording is not in the manifest"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, name, func(p *page) { p.doctor(test.report, Meta{Requests: Requests{Total: 52}, Warnings: test.warnings}) })
		})
	}
}

// Every bad show is named, however many there are, and every good one is counted.
func TestDoctorNamesEachBadShow(t *testing.T) {
	var shows []proof.Finding
	for n := range 200 {
		f := wholeShow("us-east-1", n)
		if n%2 == 0 {
			f = showFinding("us-east-1", "missing", proof.Fail, fmt.Sprintf("show-%d-is-missing", n), "")
		}
		shows = append(shows, f)
	}
	text := drawn(func(p *page) { p.doctor(doctored(shows...), Meta{}) })
	for n := 0; n < 200; n += 2 {
		if !strings.Contains(text, fmt.Sprintf("show-%d-is-missing", n)) {
			t.Errorf("show %d is not named", n)
		}
	}
	if !strings.Contains(text, "100 shows") || strings.Contains(text, "show-1,") {
		t.Errorf("the good ones are not counted:\n%s", text)
	}
	if !strings.Contains(text, "the first broken link: missing (Recordings) in us-east-1, and 99 more") {
		t.Errorf("the verdict:\n%s", text[len(text)-300:])
	}
}
