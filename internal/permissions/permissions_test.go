package permissions

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/manifest"
)

func environment(t *testing.T, app, name, ivs string) *manifest.Environment {
	t.Helper()
	path := filepath.Join(t.TempDir(), "yolo.yml")
	text := fmt.Sprintf("name: %s\nenvironments:\n  %s:\n    aws:\n      account-id: \"123456789012\"\n      region: us-east-1\n      ivs: %s\n", app, name, ivs)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env, _, err := manifest.Load(path, name)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// statement writes a statement in one line.
func (s Statement) text() string {
	condition := ""
	if len(s.Condition) > 0 {
		encoded, _ := json.Marshal(s.Condition)
		condition = " if " + string(encoded)
	}
	return s.Sid + ": " + strings.Join(s.Action, " ") + " on " + strings.Join(s.Resource, " ") + condition
}

func texts(p *Policy) []string {
	if p == nil {
		return nil
	}
	var all []string
	for _, s := range p.Statements {
		all = append(all, s.text())
	}
	return all
}

func TestFor(t *testing.T) {
	const (
		one  = `{logging: true, regions: [eu-west-1]}`
		both = `{logging: true, regions: [us-east-1, eu-west-1], recording: {real_time: true, bucket: regional, bucket-name: "arch-{region}"}}`
	)
	region := `"aws:RequestedRegion":"eu-west-1"`
	for name, c := range map[string]struct {
		ivs      string
		purposes []Purpose
		want     []string
	}{
		"nothing is on": {ivs: "false", purposes: []Purpose{Sync, Verify, App, Events}},
		"events of one region": {
			ivs: one, purposes: []Purpose{Events},
			want: []string{
				"LogGroup: logs:FilterLogEvents on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ivs/yolo-live-show arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ivs/yolo-live-show:*",
				`WithoutResources: ivs:ListCompositions ivs:ListStages on * if {"StringEquals":{` + region + `}}`,
				"InIVS: ivs:GetComposition ivs:GetStage on arn:aws:ivs:eu-west-1:123456789012:stage/* arn:aws:ivs:eu-west-1:123456789012:composition/*",
			},
		},
		"an app, in buckets of another name": {
			ivs: both, purposes: []Purpose{App},
			want: []string{
				`InIVS: ivs:CreateParticipantToken ivs:CreateStage ivs:DeleteStage ivs:GetComposition ivs:StopComposition on arn:aws:ivs:*:123456789012:stage/* arn:aws:ivs:*:123456789012:composition/* if {"StringEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}`,
				`StartInIVS: ivs:StartComposition on arn:aws:ivs:*:123456789012:stage/* if {"StringEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}`,
				`StartInIVS2: ivs:StartComposition on arn:aws:ivs:*:123456789012:storage-configuration/* arn:aws:ivs:*:123456789012:encoder-configuration/* if {"StringEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"],"aws:ResourceTag/yolo:app":"show","aws:ResourceTag/yolo:environment":"live"}}`,
			},
		},
		"what verify --purge takes beside": {
			ivs: both, purposes: []Purpose{Purge},
			want: []string{
				"Buckets: s3:ListBucketVersions on arn:aws:s3:::arch-us-east-1 arn:aws:s3:::arch-eu-west-1",
				"Recordings: s3:DeleteObject s3:DeleteObjectVersion on arn:aws:s3:::arch-us-east-1/* arn:aws:s3:::arch-eu-west-1/*",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, texts(For(environment(t, "show", "live", c.ivs), c.purposes...))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A feature that is off takes nothing, but those that look for what is left over
// look for all of it, in every region that has IVS.
func TestSurveysSeeAll(t *testing.T) {
	off := environment(t, "show", "live", "{logging: true}")
	sync, status := For(off, Sync), For(off, Status)
	if all := strings.Join(texts(sync), "\n"); strings.Contains(all, "s3:") || strings.Contains(all, "ivs:") {
		t.Errorf("recording is off, and a sync may\n%s", all)
	}
	all := strings.Join(texts(status), "\n")
	for _, part := range append(manifest.IVSRegions(), "ivs:ListStorageConfigurations", "yolo-live-show-ivs-recordings-*", "yolo-live-show-ivs-realtime-recordings") {
		if !strings.Contains(all, part) {
			t.Errorf("%q is not in\n%s", part, all)
		}
	}
}

// Whatever is asked for at once, nothing else than what each asks for is allowed,
// and a statement stands for itself.
func TestPurposesTogether(t *testing.T) {
	env := environment(t, "show", "live", "{logging: true, recording: {real_time: true}}")
	together := For(env, Purposes()...)
	seen := map[string]bool{}
	for _, s := range together.Statements {
		if seen[s.Sid] {
			t.Errorf("two statements are called %s", s.Sid)
		}
		seen[s.Sid] = true
	}
	var want []string
	for _, p := range Purposes() {
		want = union(want, For(env, p).Actions())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, together.Actions()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, s := range together.Statements {
		if slices.Contains(s.Action, "ivs:StartComposition") && len(s.Action) > 1 {
			t.Errorf("compositions start with more than their own resources: %s", s.text())
		}
		if slices.Contains(s.Action, "ivs:TagResource") && slices.ContainsFunc(s.Action, func(a string) bool { return !strings.HasSuffix(a, "agResource") }) {
			t.Errorf("tags meet resources of other actions: %s", s.text())
		}
	}
}

// Each purpose fits into IAM's limit, with names as long as the rule's may be and
// in all regions.
func TestSize(t *testing.T) {
	app, name := strings.Repeat("a", 30), strings.Repeat("e", 11)
	env := environment(t, app, name, `{logging: true, regions: [`+strings.Join(manifest.IVSRegions(), ", ")+`], recording: {real_time: true, bucket: regional, bucket-name: "`+strings.Repeat("b", 48)+`-{region}"}}`)
	for _, p := range Purposes() {
		policy := For(env, p)
		text, err := policy.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) || policy.Size() > MaxSize || policy.Size() < 100 {
			t.Errorf("%s: %d characters", p, policy.Size())
		}
		t.Logf("%s: %d characters", p, policy.Size())
	}
}

// All that a row can name is in order: a purpose that is there, and a call with a
// service.
func TestTable(t *testing.T) {
	for _, r := range table {
		for name := range strings.FieldsSeq(r.purposes) {
			if !slices.Contains(Purposes(), Purpose(name)) {
				t.Errorf("%s is for %q, which is none", r.call, name)
			}
		}
		service, operation, found := strings.Cut(r.call, ":")
		if !found || operation == "" || !slices.Contains([]string{"events", "iam", "ivs", "logs", "s3"}, service) {
			t.Errorf("%q is no call", r.call)
		}
	}
}
