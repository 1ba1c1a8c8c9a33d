package resource

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	ivstypes "github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"

	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestQuotaIsForeseen(t *testing.T) {
	tests := map[string]struct {
		storages, encoders int // of others
		want               []string
	}{
		"room for one more": {4, 19, nil},
		"storages used up":  {5, 19, []string{"us-east-1 has 5 storage configurations already, and AWS takes 5 unless it was asked for more: other-0 (taken), other-1 (taken), other-2"}},
		"encoders used up":  {4, 20, []string{"us-east-1 has 20 encoder configurations already, and AWS takes 20 unless it was asked for more: other-0 ("}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := start(t, layoutOf("shared", "us-east-1"))
			a.wish.Logging = false
			a.others(test.storages, test.encoders)
			plan := a.plan()
			got := quotaWarnings(plan)
			if len(got) != len(test.want) {
				t.Fatalf("the plan warns %q, want %q", got, test.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], test.want[i]) {
					t.Errorf("the plan warns %q, want %q", got[i], test.want[i])
				}
			}
			if got := quotaWarnings(a.run()); len(got) != 0 {
				t.Errorf("the result warns %q", got)
			}
		})
	}
}

// Of what is in use already no quota can be in the way.
func TestQuotaOfWhatIsThere(t *testing.T) {
	a := start(t, layoutOf("shared", "us-east-1"))
	a.wish.Logging = false
	a.sync()
	a.others(4, 19)
	if got := quotaWarnings(a.plan()); len(got) != 0 {
		t.Errorf("the plan warns %q", got)
	}
}

// others makes configurations of other names.
func (a *account) others(storages, encoders int) {
	a.t.Helper()
	a.createBucket("taken", "us-east-1")
	bucket := "taken"
	for i := range storages {
		name := fmt.Sprintf("other-%d", i)
		do(a.t, a.clients("us-east-1").IVS.CreateStorageConfiguration, &ivsrealtime.CreateStorageConfigurationInput{
			Name: &name, S3: &ivstypes.S3StorageConfiguration{BucketName: &bucket},
		})
	}
	for i := range encoders {
		name := fmt.Sprintf("other-%d", i)
		do(a.t, a.clients("us-east-1").IVS.CreateEncoderConfiguration, &ivsrealtime.CreateEncoderConfigurationInput{Name: &name})
	}
}

func quotaWarnings(report *reconcile.Report) []string {
	var texts []string
	for _, w := range report.Warnings() {
		if w.Code == WarnQuotaNear {
			texts = append(texts, w.Text)
		}
	}
	return texts
}
