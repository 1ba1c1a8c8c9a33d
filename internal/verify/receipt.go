package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/resource"
)

// Facts are those of a chain that a proof of it rests on. What a person's own
// file says is theirs alone.
func Facts(c resource.Chain) []proof.Fact {
	var facts []proof.Fact
	for _, l := range c.Links {
		switch {
		case l.ID == resource.LinkAppEnv:
		case l.Hold == resource.Holds:
			facts = append(facts, proof.Fact{Link: l.ID, Was: l.Fact})
		default:
			facts = append(facts, proof.Fact{Link: l.ID, Was: "not known: " + l.Fact})
		}
	}
	return facts
}

// Standing is whether what was proven of a chain still holds. State is the
// folder with this machine's receipts.
func Standing(c resource.Chain, state, environment string) proof.Standing {
	return proof.Since(c.Receipt, LoadReceipt(state, environment, c.Region, c.Feature), Facts(c))
}

// leaveReceipts writes down what was proven of the region: in a tag, for all who
// can see it, and with details on this machine.
func (g *regionRun) leaveReceipts(ctx context.Context) {
	ctx, cancel := g.cleaning(ctx)
	defer cancel()
	for _, one := range []struct {
		asked bool
		step  string
		chain resource.Chain
		put   func(context.Context, string) error
	}{
		{g.Show.Records, proof.StepRecording, g.Recording, g.tagStorage},
		{g.Show.Logs, proof.StepLog, g.Logging, g.tagRule},
	} {
		evidence, proven := g.proven(one.step)
		if !one.asked || !proven {
			continue
		}
		receipt := proof.NewReceipt(proof.Receipt{
			Run: g.id, At: time.Now(), Account: g.Account, Environment: g.Env.Name, App: g.Env.App,
			Region: g.region, Feature: one.chain.Feature, Facts: Facts(one.chain), Evidence: evidence,
		})
		if err := errors.Join(one.put(ctx, receipt.Tag()), saveReceipt(g.State, receipt)); err != nil {
			g.find(proof.StepCleanup, proof.Finding{
				Region: g.region, Feature: one.chain.Feature, ID: "receipt", Title: "The proof is written down",
				Evidence: "the proof holds, but status will not show it", Err: err,
			})
		}
	}
}

// proven is the evidence of a step in the region, and whether all of it is Pass.
func (g *regionRun) proven(step string) (evidence map[string]string, proven bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	evidence = map[string]string{}
	for _, f := range g.steps[step] {
		if f.Region != g.region {
			continue
		}
		if f.Verdict != proof.Pass {
			return nil, false
		}
		evidence[f.ID] = f.Evidence
	}
	return evidence, len(evidence) > 0
}

func (g *regionRun) tagStorage(ctx context.Context, tag string) error {
	_, err := cloud.Call(ctx, g.Cloud.In(g.region).IVS.TagResource, &ivsrealtime.TagResourceInput{
		ResourceArn: aws.String(g.Recording.Storage), Tags: map[string]string{manifest.TagProven: tag},
	})
	return err
}

func (g *regionRun) tagRule(ctx context.Context, tag string) error {
	_, err := cloud.Call(ctx, g.Cloud.In(g.region).Events.TagResource, &eventbridge.TagResourceInput{
		ResourceARN: aws.String(g.Logging.Rule), Tags: []ebtypes.Tag{{Key: aws.String(manifest.TagProven), Value: aws.String(tag)}},
	})
	return err
}

// receiptPath is where the latest receipt of a feature in a region is.
func receiptPath(state, environment, region, feature string) string {
	return filepath.Join(state, "receipts", fmt.Sprintf("%s-%s-%s.json", environment, region, feature))
}

func saveReceipt(state string, r proof.Receipt) error {
	path := receiptPath(state, r.Environment, r.Region, r.Feature)
	if err := makeFolder(state, filepath.Dir(path)); err != nil {
		return fmt.Errorf("write the receipt: %w", err)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = writeSynced(path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the receipt: %w", err)
	}
	return nil
}

// LoadReceipt reads the latest receipt of a feature in a region from this
// machine. It is nil when there is none that can be read: the tag alone then
// tells.
func LoadReceipt(state, environment, region, feature string) *proof.Receipt {
	text, err := os.ReadFile(receiptPath(state, environment, region, feature))
	if err != nil {
		return nil
	}
	var r proof.Receipt
	if json.Unmarshal(text, &r) != nil {
		return nil
	}
	return &r
}
