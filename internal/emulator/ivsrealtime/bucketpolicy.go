package ivsrealtime

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/yolo-live/yolo/internal/emulator/s3"
	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// maxPolicySize is what a bucket policy may have in bytes (AmazonS3 user
// guide, Bucket policies).
const maxPolicySize = 20 << 10

// tableSeen holds, by bucket, the policy as IVS read it for its last edit. It
// is the older document that StalePolicyEdit writes back.
const tableSeen = "ivs.policy-seen"

// bucketPolicy is a policy document. The statements of others stay as they are.
type bucketPolicy struct {
	Version   string            `json:"Version,omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// statement is what IVS adds (RealTimeUserGuide, Composite Recording).
type statement struct {
	Sid       string                       `json:"Sid"`
	Effect    string                       `json:"Effect"`
	Principal map[string]string            `json:"Principal"`
	Action    []string                     `json:"Action"`
	Resource  string                       `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition"`
}

func sid(i id) string { return "CompositeWrite-" + i.name }

// grant adds the statement that lets compositions of one region record.
func (p *bucketPolicy) grant(bucket string, i id) {
	raw, err := json.Marshal(statement{
		Sid: sid(i), Effect: "Allow",
		Principal: map[string]string{"Service": "ivs-composite." + i.region + ".amazonaws.com"},
		Action:    []string{"s3:PutObject", "s3:PutObjectAcl"},
		Resource:  "arn:aws:s3:::" + bucket + "/*",
		Condition: map[string]map[string]string{
			"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
			"Bool":         {"aws:SecureTransport": "true"},
		},
	})
	if err != nil {
		panic(err) // strings always encode
	}
	p.Statement = append(p.Statement, raw)
}

// revoke removes the statement that grant added, if it is still there.
func (p *bucketPolicy) revoke(i id) {
	p.Statement = slices.DeleteFunc(p.Statement, func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) == nil && s.Sid == sid(i)
	})
}

// editPolicy edits the bucket's policy as IVS does, in one step, or as badly
// as r.Twist says. A policy without statements is deleted.
func editPolicy(tx *store.Tx, r *wire.Request, bucket string, edit func(*bucketPolicy)) error {
	current, _ := s3.Policy(tx, bucket)
	read := current
	if r.Twist == wire.StalePolicyEdit {
		read, _ = store.Get[string](tx, tableSeen, bucket)
	}
	store.Put(tx, tableSeen, bucket, current)
	if r.Twist == wire.LosePolicyEdit {
		return nil
	}
	policy, err := parsePolicy(read)
	if err != nil {
		return err
	}
	edit(policy)
	document, err := policy.text()
	if err != nil {
		return err
	}
	// S3 takes no larger one, and without its grant the configuration could
	// not record: nothing is made. How IVS words that is not documented.
	if len(document) > maxPolicySize {
		return invalid(fmt.Sprintf("The policy of S3 bucket %s would have %d bytes, the maximum is %d", bucket, len(document), maxPolicySize))
	}
	s3.SetPolicy(tx, bucket, document)
	return nil
}

// parsePolicy reads a document; "" is one without statements.
func parsePolicy(document string) (*bucketPolicy, error) {
	if document == "" {
		return &bucketPolicy{Version: "2012-10-17"}, nil
	}
	var single struct {
		bucketPolicy
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(document), &single); err != nil {
		return nil, fmt.Errorf("bucket policy: %w", err)
	}
	policy := single.bucketPolicy
	if !bytes.HasPrefix(bytes.TrimSpace(single.Statement), []byte("[")) {
		policy.Statement = []json.RawMessage{single.Statement}
		return &policy, nil
	}
	if err := json.Unmarshal(single.Statement, &policy.Statement); err != nil {
		return nil, fmt.Errorf("bucket policy: %w", err)
	}
	return &policy, nil
}

// text is the document; "" when no statement is left.
func (p *bucketPolicy) text() (string, error) {
	if len(p.Statement) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("bucket policy: %w", err)
	}
	return string(raw), nil
}
