package script

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rogpeppe/go-internal/testscript"
)

// What seed can do. A FILE is one of the script's. All take region= and
// account=; tag=K=V may be given several times.
//
//	bucket NAME [tag=K=V]…              create, with AWS's defaults
//	ownership BUCKET VALUE|none         BucketOwnerEnforced, ObjectWriter, …
//	public-access BUCKET [FLAG]…        allow what these flags would block:
//	                                    block-public-acls ignore-public-acls
//	                                    block-public-policy restrict-public-buckets
//	encryption BUCKET ALGORITHM         AES256, aws:kms
//	bucket-tags BUCKET [tag=K=V]…       replace the whole set
//	bucket-policy BUCKET FILE|none      replace the whole document
//	bucket-statement BUCKET FILE        add a statement to the document
//	no-bucket-statement BUCKET SID      take it out; SID may be a glob
//	object BUCKET KEY [FILE]            put a small object, or a file, in which
//	                                    AGO(90m) is the time so long ago
//	objects BUCKET count=N [prefix=P] [size=N] [versions=N] [markers]
//	                                    put many; markers hide each
//	versioning BUCKET Enabled|Suspended
//	upload BUCKET KEY                   begin a multipart upload
//	storage NAME BUCKET [tag=K=V]…      create
//	encoder NAME [width= height= framerate= bitrate=] [tag=K=V]…
//	stage NAME [storage=NAME [bucket=B]] [tag=K=V]…
//	                                    create; with a storage configuration,
//	                                    each participant is recorded
//	composition STAGE storage=NAME encoder=NAME [bucket=B] [width=N]
//	                                    start; B and N choose among several
//	stop-composition STAGE              stop all of the stage's
//	publisher STAGE                     somebody publishes, without media
//	leave STAGE                         everybody leaves
//	event NAME [stage=NAME] [composition=ID] [destination=ID] [participant=ID]
//	           [code=C] [reason=R] [type=T] [age=D]
//	                                    have IVS tell it, as of D ago
//	log-entry GROUP TEXT                write it to a stream of somebody else's
//	log-group NAME [retention=N] [class=C] [tag=K=V]…
//	retention GROUP N|none
//	protection GROUP on|off             from deletion
//	logs-policy NAME FILE               put, account-scoped
//	group-policy GROUP FILE             put, the group's own
//	rule NAME pattern=FILE [state=S] [description=D] [tag=K=V]…
//	target RULE ID ARN [role=ARN] [input=JSON] [transform=TEMPLATE]
//	role NAME                           create, for MediaConvert
//	tag KIND NAME [tag=K=V]…            kinds: storage encoder log-group rule
//	untag KIND NAME KEY…
//	delete KIND NAME                    the kinds above, bucket, logs-policy,
//	                                    role; target takes RULE ID
var seeds = map[string]func(s *seeder, a arguments) error{
	"bucket":              (*seeder).bucket,
	"ownership":           (*seeder).ownership,
	"public-access":       (*seeder).publicAccess,
	"encryption":          (*seeder).encryption,
	"bucket-tags":         (*seeder).bucketTags,
	"bucket-policy":       (*seeder).bucketPolicy,
	"bucket-statement":    (*seeder).bucketStatement,
	"no-bucket-statement": (*seeder).noBucketStatement,
	"object":              (*seeder).object,
	"objects":             (*seeder).objects,
	"versioning":          (*seeder).versioning,
	"upload":              (*seeder).upload,
	"storage":             (*seeder).storage,
	"encoder":             (*seeder).encoder,
	"stage":               (*seeder).stage,
	"composition":         (*seeder).composition,
	"stop-composition":    (*seeder).stopComposition,
	"publisher":           (*seeder).publisher,
	"leave":               (*seeder).leave,
	"event":               (*seeder).event,
	"log-entry":           (*seeder).logEntry,
	"log-group":           (*seeder).logGroup,
	"retention":           (*seeder).retention,
	"protection":          (*seeder).protection,
	"logs-policy":         (*seeder).logsPolicy,
	"group-policy":        (*seeder).groupPolicy,
	"rule":                (*seeder).rule,
	"target":              (*seeder).target,
	"role":                (*seeder).role,
	"tag":                 (*seeder).tag,
	"untag":               (*seeder).untag,
	"delete":              (*seeder).remove,
}

func seed(ts *testscript.TestScript, a arguments) error {
	do, ok := seeds[a.word(0)]
	if !ok {
		return fmt.Errorf("seed %q: is none of %v", a.word(0), slices.Sorted(maps.Keys(seeds)))
	}
	s := newSeeder(ts, a)
	a.positional = a.positional[1:]
	return do(s, a)
}

// seeder has the SDK's clients for one account and region.
type seeder struct {
	ctx     context.Context
	ts      *testscript.TestScript
	region  string
	account string
	s3      *s3.Client
	ivs     *ivsrealtime.Client
	logs    *cloudwatchlogs.Client
	events  *eventbridge.Client
	iam     *iam.Client
}

func newSeeder(ts *testscript.TestScript, a arguments) *seeder {
	region, account := a.option("region"), a.option("account")
	if region == "" {
		region = "us-east-1"
	}
	if account == "" {
		account = ts.Getenv("AWS_ACCESS_KEY_ID")
	}
	w := worldOf(ts)
	cfg := w.aws.Config(region, account)
	return &seeder{
		ctx: w.t.Context(), ts: ts, region: region, account: account,
		s3: s3.NewFromConfig(cfg), ivs: ivsrealtime.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg),
		events: eventbridge.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
	}
}

func (s *seeder) groupARN(name string) string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", s.region, s.account, name)
}

func (s *seeder) ruleARN(name string) string {
	return fmt.Sprintf("arn:aws:events:%s:%s:rule/%s", s.region, s.account, name)
}

// policyDocument is a bucket policy whose statements nobody here has to
// understand.
type policyDocument struct {
	Version   string            `json:",omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

func (s *seeder) bucketPolicy(a arguments) error {
	if a.word(1) == "none" {
		_, err := s.s3.DeleteBucketPolicy(s.ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String(a.word(0))})
		return err
	}
	return s.putPolicy(a.word(0), s.ts.ReadFile(a.word(1)))
}

func (s *seeder) putPolicy(bucket, text string) error {
	_, err := s.s3.PutBucketPolicy(s.ctx, &s3.PutBucketPolicyInput{Bucket: aws.String(bucket), Policy: aws.String(text)})
	return err
}

func (s *seeder) bucketStatement(a arguments) error {
	return s.editPolicy(a.word(0), func(d *policyDocument) {
		d.Statement = append(d.Statement, json.RawMessage(s.ts.ReadFile(a.word(1))))
	})
}

func (s *seeder) noBucketStatement(a arguments) error {
	taken := 0
	err := s.editPolicy(a.word(0), func(d *policyDocument) {
		d.Statement = slices.DeleteFunc(d.Statement, func(raw json.RawMessage) bool {
			var statement struct{ Sid string }
			_ = json.Unmarshal(raw, &statement)
			match, _ := path.Match(a.word(1), statement.Sid)
			if match {
				taken++
			}
			return match
		})
	})
	if err == nil && taken == 0 {
		return fmt.Errorf("no statement %q is there", a.word(1))
	}
	return err
}

func (s *seeder) editPolicy(bucket string, edit func(*policyDocument)) error {
	out, err := s.s3.GetBucketPolicy(s.ctx, &s3.GetBucketPolicyInput{Bucket: aws.String(bucket)})
	if err != nil {
		return err
	}
	var document policyDocument
	if err := json.Unmarshal([]byte(*out.Policy), &document); err != nil {
		return err
	}
	edit(&document)
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return s.putPolicy(bucket, string(text))
}
