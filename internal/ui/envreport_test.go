package ui

import (
	"testing"

	"github.com/yolo-live/yolo/internal/reconcile"
)

func pointer(s string) *string { return &s }

// A report of everything at once is no report that can be, but each part looks
// as it does alone.
func TestEnvSummary(t *testing.T) {
	const old = "arn:aws:ivs:us-east-1:" + account + ":storage-configuration/old"
	report := EnvReport{
		Values: 5, Sync: "yolo sync:recording production",
		Missing:  []reconcile.Key{{Region: "us-east-1", Kind: "storage-configuration"}, {Region: "eu-west-1", Kind: "storage-configuration"}},
		Warnings: []reconcile.Warning{{Code: "CannotRecordYet", Region: "us-east-1", Text: "us-east-1 cannot record yet: the bucket's policy does not let IVS write", Fix: "yolo sync:recording production"}},
		Checked: &Checked{File: "my\x1b.env", Findings: []Finding{
			{Code: "StaleConfiguration", Key: "AWS_IVS_STORAGE_CONFIGURATION_ARN_US_EAST_1", Line: 12, Have: pointer(old), Want: pointer(old + "er"), Text: "this storage configuration is not there any more", Fix: "yolo env production --write .env"},
			{Code: "EmptyValue", Key: "AWS_IVS_REALTIME_RECORDINGS_BUCKET", Line: 14, Have: pointer(""), Want: pointer(bucket), Text: "the value is empty", Fix: "yolo env production --write .env"},
			{Code: "LeftoverKey", Key: "AWS_IVS_STORAGE_CONFIGURATION_ARN_US_WEST_2", Line: 15, Have: pointer("\x1b[31mred"), Text: "a sync does not print this key", Fix: "take the line out"},
			{Code: "MissingKey", Key: "AWS_IVS_ENCODER_CONFIGURATION_ARN_US_EAST_1", Want: pointer("arn"), Text: "the key is missing", Fix: "yolo env production --write .env"},
		}},
		Written: &Written{File: ".env", Lost: "owner (user 0)", Changes: []EnvChange{
			{Key: "AWS_IVS_REALTIME_RECORDINGS_BUCKET", Line: 3, From: pointer("old"), To: bucket},
			{Key: "AWS_IVS_STORAGE_CONFIGURATION_ARN_US_EAST_1", Line: 120, To: old},
		}},
	}
	at(t, "env-report", func(p *page) { p.envReport(&reconcile.Report{}, meta(), report) })
}

func TestEnvVerdict(t *testing.T) {
	failed := &reconcile.Report{Groups: []reconcile.GroupReport{{Nodes: []reconcile.NodeReport{{Result: reconcile.Failed, Err: denied("us-east-1")}}}}}
	fine, checked := &reconcile.Report{}, &Checked{File: ".env"}
	found := &Checked{File: ".env", Findings: []Finding{{}}}
	missing := []reconcile.Key{{Region: "us-east-1", Kind: "encoder-configuration"}}
	for name, c := range map[string]struct {
		report *reconcile.Report
		env    EnvReport
		want   string
	}{
		"all is well":         {fine, EnvReport{Values: 3}, ""},
		"one is missing":      {fine, EnvReport{Values: 3, Missing: missing, Sync: "yolo s"}, "Pending: 1 of 3 values is not there yet (encoder configuration in us-east-1), run yolo s\n"},
		"one failed":          {failed, EnvReport{Values: 3, Failed: 1}, "Partly done: 1 of 3 values is not to be had\n"},
		"all failed":          {failed, EnvReport{Values: 3, Failed: 3}, "Failed: none of the values is to be had\n"},
		"something else did":  {failed, EnvReport{Values: 3}, "Partly done: all 3 values are known\n"},
		"interrupted":         {&reconcile.Report{Interrupted: true}, EnvReport{Values: 3, Failed: 3}, "Interrupted: not all values were read\n"},
		"a check interrupted": {&reconcile.Report{Interrupted: true}, EnvReport{Values: 3, Checked: found}, "Interrupted: .env was not checked to its end\n"},
		"a write interrupted": {&reconcile.Report{Interrupted: true}, EnvReport{Values: 3, Written: &Written{File: ".env", Refused: true}}, "Interrupted: nothing was written to .env\n"},
		"right":               {fine, EnvReport{Values: 3, Checked: checked}, "Done: .env is right, its 3 values are those of the account " + account + "\n"},
		"not right":           {fine, EnvReport{Values: 3, Checked: found}, "Not right: .env has 1 finding\n"},
		"partly checked":      {failed, EnvReport{Values: 3, Failed: 1, Checked: checked}, "Partly done: 1 of 3 values is not to be had; .env has the others right\n"},
		"nothing to check":    {failed, EnvReport{Values: 3, Failed: 3, Checked: checked}, "Failed: none of the values is to be had; there is nothing to compare .env with\n"},
		"made":                {fine, EnvReport{Values: 3, Written: &Written{File: ".env", Created: true}}, "Done: .env was made, with 3 values\n"},
		"right already":       {fine, EnvReport{Values: 3, Written: &Written{File: ".env"}}, "Done: .env is right already, and was not touched\n"},
		"written":             {fine, EnvReport{Values: 3, Written: &Written{File: ".env", Changes: []EnvChange{{}, {From: pointer("")}, {}}}}, "Done: .env was written, 1 changed, 2 added\n"},
		"not written":         {fine, EnvReport{Values: 3, Missing: missing, Sync: "yolo s", Written: &Written{File: ".env", Refused: true}}, "Pending: 1 of 3 values is not there yet (encoder configuration in us-east-1), run yolo s; nothing was written to .env\n"},
	} {
		t.Run(name, func(t *testing.T) {
			p := layout{}.page()
			p.envVerdict(c.report, meta(), c.env)
			if got := p.String(); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
