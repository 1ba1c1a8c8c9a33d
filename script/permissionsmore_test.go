package script

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/permissions"
)

// managedPolicies are those that README names, as far as yolo has to do with
// what they allow (AWS Managed Policy Reference).
func managedPolicies(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var policies []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+FullAccess)` \\|").FindAllStringSubmatch(string(readme), -1) {
		text, err := os.ReadFile(filepath.Join("testdata", "iam", row[1]+".json"))
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, string(text))
	}
	if len(policies) != 4 {
		t.Fatalf("README names %d managed policies, want four", len(policies))
	}
	return policies
}

// managed: the managed policies are enough for every command. What they lack is
// an optional read, which is warned of.
func managed(home, t *testing.T, all []*situation) {
	policies := managedPolicies(t)
	for _, c := range all {
		t.Run("managed "+string(c.purpose)+" "+c.name, func(t *testing.T) {
			t.Parallel()
			p := c.playInside(home, t, policies...)
			if p.code != c.code || strings.Contains(p.text, "not authorized") {
				t.Errorf("exit code %d, want %d\n%s", p.code, c.code, p.text)
			}
			// The values that env prints do not depend on the role.
			if c.name != "env" && slices.Contains(c.calls, "iam:GetRole") && !strings.Contains(p.text, "iam:GetRole is not allowed") {
				t.Errorf("nothing warns of iam:GetRole\n%s", p.text)
			}
		})
	}
}

// An app records with what is printed for it, and not without any of it.
func TestPermissionsOfAnApp(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir())
	s.write(smallManifest)
	inSync(s)
	policy := s.must("permissions", "production", "--for", "app")
	record := func(policy string) error {
		s.aws.Server.DetachIAMPolicies()
		storage, encoder := s.storage("us-east-1"), s.encoder("us-east-1")
		s.check(s.aws.Server.AttachIAMPolicies(policy))
		return s.record(storage, encoder)
	}
	if err := record(policy); err != nil {
		t.Fatal(err)
	}
	calls := permissions.App.Calls()
	for _, statement := range parsePolicy(t, policy).Statement {
		for _, action := range listOf(statement["Action"]) {
			if !slices.Contains(calls, action) {
				t.Errorf("the policy allows %s, which is not in the table", action)
			}
		}
	}
	for _, action := range calls {
		err := record(without(t, policy, action))
		if name := strings.TrimPrefix(action, "ivs:"); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "AccessDeniedException") {
			t.Errorf("without %s: %v", action, err)
		}
	}
}

// record is what an app does.
func (s *site) record(storage, encoder string) error {
	c, ctx := s.in("us-east-1").ivs, s.t.Context()
	made, err := c.CreateStage(ctx, &ivsrealtime.CreateStageInput{})
	if err != nil {
		return err
	}
	if _, err := c.CreateParticipantToken(ctx, &ivsrealtime.CreateParticipantTokenInput{StageArn: made.Stage.Arn}); err != nil {
		return err
	}
	s.aws.Publish(*made.Stage.Arn)
	started, err := c.StartComposition(ctx, &ivsrealtime.StartCompositionInput{
		StageArn: made.Stage.Arn,
		Destinations: []ivstypes.DestinationConfiguration{{S3: &ivstypes.S3DestinationConfiguration{
			StorageConfigurationArn: aws.String(storage), EncoderConfigurationArns: []string{encoder},
		}}},
	})
	if err != nil {
		return err
	}
	if _, err := c.GetComposition(ctx, &ivsrealtime.GetCompositionInput{Arn: started.Composition.Arn}); err != nil {
		return err
	}
	if _, err := c.StopComposition(ctx, &ivsrealtime.StopCompositionInput{Arn: started.Composition.Arn}); err != nil {
		return err
	}
	s.aws.Unpublish(*made.Stage.Arn)
	_, err = c.DeleteStage(ctx, &ivsrealtime.DeleteStageInput{Arn: made.Stage.Arn})
	return err
}

// What README shows of the command is what it says.
func TestPermissionsInReadme(t *testing.T) {
	s := newSite(t, t.TempDir())
	s.write(regionalManifest)
	_, _, stderr, err := s.yolo("permissions", "production")
	s.check(err)
	said, _, _ := strings.Cut(stderr, "\n")
	readme, err := os.ReadFile("../README.md")
	if s.check(err); said == "" || !strings.Contains(string(readme), said) {
		t.Errorf("it has no line %q", said)
	}
}
