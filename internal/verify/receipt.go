package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/proof"
	"github.com/yolo-live/yolo/internal/reconcile"
	"github.com/yolo-live/yolo/internal/resource"
)

// Facts are those of a chain that a proof of it rests on. What a person's own
// file says is theirs alone.
func Facts(c resource.Chain) []proof.Fact {
	var facts []proof.Fact
	for _, l := range c.Links {
		switch {
		case l.ID == resource.LinkAppEnv:
		case l.Hold == resource.Doubtful && l.Err != nil:
			facts = append(facts, proof.Fact{Link: l.ID, Unseen: true})
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

// leaveReceipts writes down what was proven of the region, or was not though it
// should have been: in a tag, for all who can see it, and with details on this
// machine. What ended without either, as by an interruption, changes nothing.
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
		verdict, evidence := g.outcome(one.step, one.chain.Feature)
		if !one.asked || verdict == proof.NotProven {
			continue
		}
		receipt := proof.NewReceipt(proof.Receipt{
			Run: g.id, At: time.Now(), Account: g.Account, Environment: g.Env.Name, App: g.Env.App,
			Region: g.region, Feature: one.chain.Feature, Failed: verdict == proof.Fail, Facts: Facts(one.chain), Evidence: evidence,
		})
		if err := one.put(ctx, receipt.Tag()); err != nil {
			g.warnOfReceipt(receipt, err)
		} else if err := saveReceipt(g.State, receipt); err != nil {
			g.warn(proof.Warning{
				Code: WarnReceipt, Region: g.region, Text: fmt.Sprintf("the details of the receipt are not on this machine: %v", err),
				Fix: "status will tell whether something changed since, but not what",
			})
		}
	}
}

// WarnReceipt is the code of the warning that a proof could not be written down,
// or not all of it.
const WarnReceipt = "ReceiptNotWritten"

// warnOfReceipt tells that the tag could not be put on. After a failure the tag
// of an earlier proof is then still there.
func (g *regionRun) warnOfReceipt(r proof.Receipt, err error) {
	w := proof.Warning{Code: WarnReceipt, Region: g.region}
	if r.Failed {
		if cloud.Is(err, "ResourceNotFoundException") {
			return // nothing is left that would claim to be proven
		}
		w.Text = fmt.Sprintf("that the proof of %s failed could not be written down, so status may still show an earlier one: %v", r.Feature, reconcile.Plain(err))
	} else {
		w.Text = fmt.Sprintf("the proof of %s holds, but could not be written down, so status will not show it: %v", r.Feature, reconcile.Plain(err))
	}
	w.Fix = "allow ivs:TagResource on the storage configuration"
	if r.Feature == resource.FeatureLogging {
		w.Fix = "allow events:TagResource on the rule"
	}
	g.warn(w)
}

// outcome is what a step and the show say of a feature in the region: Pass with
// the evidence if all of it is, Fail if any of it is.
func (g *regionRun) outcome(step, feature string) (v proof.Verdict, evidence map[string]string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	evidence = map[string]string{}
	v = proof.Pass
	for _, id := range []string{proof.StepShow, step} {
		for _, f := range g.steps[id] {
			if f.Region != g.region || id == proof.StepShow && !speaksOf(f, feature) {
				continue
			}
			v = v.Worse(f.Verdict)
			evidence[f.ID] = f.Evidence
		}
	}
	if len(evidence) == 0 {
		v = proof.NotProven
	}
	return v, evidence
}

// speaksOf tells whether a finding of the show says something of a feature: a
// composition or destination that failed does of recording, while that a stage
// could not be made or published to does of neither.
func speaksOf(f proof.Finding, feature string) bool {
	return feature == resource.FeatureRecording && (f.ID == showComposition || f.ID == showDestination)
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
		err = writeSynced(path, path+"."+r.Run+temporarily, append(text, '\n')) // two runs may prove the same at once
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
	text, err := readState(receiptPath(state, environment, region, feature))
	if err != nil {
		return nil
	}
	var r proof.Receipt
	if json.Unmarshal(text, &r) != nil {
		return nil
	}
	return &r
}
