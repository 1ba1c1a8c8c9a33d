package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator"
)

// dimension is one way in which an account or a manifest grows.
type dimension struct {
	title string // of its panel
	unit  string // what is counted on the axis
	sizes []int
	run   string // the command that is measured, as typed
	// gone says that the run takes away what was filled in.
	gone bool
	// environments is how many the manifest has at a size; nil is one.
	environments func(size int) int
	// fill adds what is missing, once what yolo makes is there; nil adds nothing.
	fill func(a *grownAccount, from, size int) error
	why  string // what the curve is to be, and the reason
}

func dimensions() []dimension {
	return []dimension{
		{
			title: "Log groups of others", unit: "log groups", sizes: []int{1, 10, 100, 1000, 10_000}, run: "sync production", fill: fillGroups,
			why: "Flat: DescribeLogGroups is asked for the one name, as its prefix.",
		},
		{
			title: "Rules of others", unit: "rules", sizes: []int{1, 10, 100, 300, 1000}, run: "status production", fill: fillRules,
			why: "One request more for each hundred rules: `status` counts them against the quota, ListRules gives a hundred at most, and each page needs the " +
				"token of the one before. `sync` asks DescribeRule for its own, and does not see the others.",
		},
		{
			title: "Pages of IVS lists", unit: "pages", sizes: []int{1, 3, 10, 30, 100}, run: "status production", fill: fillPages,
			why: "Linear: storage configurations, encoder configurations and stages, a hundred on a page, can only be listed all, in pages that need the " +
				"token of the one before. The three lists are read side by side. From the sixth page on it is IVS's rate that the time comes from: 5 requests a second for " +
				"each operation in a region, which AWS does not raise and yolo keeps to. What was listed is held until it is judged: a few hundred bytes for each thing.",
		},
		{
			title: "Environments in the manifest", unit: "environments", sizes: []int{1, 2, 5, 10, 20, 50}, run: "sync production",
			environments: func(size int) int { return size },
			why:          "Flat but for the reading of the file: all of it is checked, one environment is read from AWS.",
		},
		{
			title: "Size of the bucket policy", unit: "KB", sizes: []int{2, 5, 10, 20}, run: "sync production", fill: fillPolicy,
			why: "Flat: one request, whatever comes; statements are compared as they are read. S3 takes no policy above 20 KB.",
		},
		{
			title: "Recordings deleted", unit: "objects", sizes: []int{1000, 10_000, 100_000, 1_000_000}, run: "destroy production --delete-recordings --confirm production --timeout 1h",
			gone: true, fill: fillObjects,
			why: "Linear, in memory that stays flat: each object is listed twice (to say how many there are before it is asked whether they may go, then to delete them) " +
				"and deleted once, a thousand to a request each time. Eight parts of the bucket are counted side by side; while a page is listed, up to four " +
				"batches are being deleted. More would be turned away: S3 takes some 3,500 deletes a second of one prefix. The CPU time is that of reading S3's lists, in the SDK.",
		},
	}
}

// manifestOfGrowth has as many environments as are wanted, production first.
func manifestOfGrowth(environments int) string {
	text := "name: liveplatforms\nenvironments:\n"
	for n := range environments {
		name := "production"
		if n > 0 {
			name = fmt.Sprintf("stage-%d", n)
		}
		text += fmt.Sprintf(`  %s:
    aws:
      account-id: %q
      ivs:
        logging: true
        regions: [%s]
        recording: {real_time: true, bucket: shared}
`, name, emulator.DefaultAccount, growthRegion)
	}
	return text
}

func fillGroups(a *grownAccount, from, size int) error {
	for n := from; n < size; n++ {
		_, err := a.ask(wish{
			service: "logs", method: http.MethodPost, path: "/", target: "Logs_20140328.CreateLogGroup",
			body: fmt.Sprintf(`{"logGroupName":"/aws/lambda/theirs-%05d"}`, n),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func fillRules(a *grownAccount, from, size int) error {
	for n := from; n < size; n++ {
		_, err := a.ask(wish{
			service: "events", method: http.MethodPost, path: "/", target: "AWSEvents.PutRule",
			body: fmt.Sprintf(`{"Name":"theirs-%04d","EventPattern":"{\"source\":[\"theirs\"]}"}`, n),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// perPage is the longest page of IVS Real-Time's lists. Each storage configuration
// has a statement in the policy of its bucket, in which there is room for some.
const (
	perPage   = 100
	perBucket = 10
)

// fillPages leaves room on the last page for what yolo has made.
func fillPages(a *grownAccount, from, size int) error {
	for n := max(0, from*perPage-1); n < size*perPage-1; n++ {
		bucket := fmt.Sprintf("theirs-%04d", n/perBucket)
		wishes := []wish{
			{path: "/CreateStorageConfiguration", body: fmt.Sprintf(`{"name":"theirs","s3":{"bucketName":%q}}`, bucket)},
			{path: "/CreateEncoderConfiguration", body: `{"name":"theirs"}`},
			{path: "/CreateStage", body: `{"name":"theirs"}`},
		}
		for i := range wishes {
			wishes[i].service, wishes[i].method = "ivs", http.MethodPost
		}
		if n%perBucket == 0 {
			wishes = append([]wish{{service: "s3", method: http.MethodPut, path: "/" + bucket}}, wishes...)
		}
		for _, w := range wishes {
			if _, err := a.ask(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// recordings is the bucket that yolo makes.
const recordings = "/yolo-production-liveplatforms-ivs-realtime-recordings"

// fillPolicy adds statements of others to the bucket policy, until it has size
// kilobytes.
func fillPolicy(a *grownAccount, _, size int) error {
	text, err := a.ask(wish{service: "s3", method: http.MethodGet, path: recordings + "?policy"})
	if err != nil {
		return err
	}
	var document struct {
		Version   string
		Statement []json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return fmt.Errorf("fill the bucket policy: read it: %w", err)
	}
	for n := len(document.Statement); ; n++ {
		document.Statement = append(document.Statement, json.RawMessage(fmt.Sprintf(
			`{"Sid":"Theirs%03d","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3::%s/*"}`,
			n, emulator.DefaultAccount, strings.Replace(recordings, "/", ":", 1))))
		larger, err := json.Marshal(document)
		if err != nil {
			return err
		}
		if len(larger) > size*1000 {
			break
		}
		text = string(larger)
	}
	_, err = a.ask(wish{service: "s3", method: http.MethodPut, path: recordings + "?policy", body: text})
	return err
}

// A recording has so many objects, which with segments of six seconds is an hour
// and forty minutes, and a stage so many recordings.
const (
	perRecording = 1000
	perStage     = 20
)

// fillObjects fills the bucket with recordings, whose keys are as IVS's.
func fillObjects(a *grownAccount, from, size int) error {
	for n := from; n < size; n += perRecording {
		stage, session := idOf(n/(perRecording*perStage)), idOf(n)
		err := a.server.SeedObjects(emulator.Objects{
			Bucket: strings.TrimPrefix(recordings, "/"), Size: 500_000, Count: min(perRecording, size-n),
			Prefix: fmt.Sprintf("%s/%s/%s/composite/media/hls/720p30-%s/", stage, session, idOf(n+1), idOf(n+2)), Suffix: ".ts",
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// idOf is a name as IVS gives them, of letters and digits, the same for the same
// number.
func idOf(n int) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id, seed := make([]byte, 12), uint64(n+1)
	for i := range id {
		seed = seed*6364136223846793005 + 1442695040888963407
		id[i] = letters[(seed>>33)%uint64(len(letters))]
	}
	return string(id)
}
