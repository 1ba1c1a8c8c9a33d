package verify

import (
	"sync"
	"testing"
	"time"

	"github.com/yolo-live/yolo/internal/proof"
)

// TestReceiptsOfTwoRuns: two runs that prove the same at once both write their
// receipt, and one of them is there, whole.
func TestReceiptsOfTwoRuns(t *testing.T) {
	state := t.TempDir()
	var runs sync.WaitGroup
	for _, run := range []string{"a", "b", "c", "d"} {
		runs.Go(func() {
			for range 20 {
				r := proof.NewReceipt(proof.Receipt{Run: run, At: time.Unix(0, 0), Environment: "production", Region: testRegion, Feature: "recording"})
				if err := saveReceipt(state, r); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	runs.Wait()
	if r := LoadReceipt(state, "production", testRegion, "recording"); r == nil || r.Run == "" {
		t.Errorf("the receipt is %+v", r)
	}
}
