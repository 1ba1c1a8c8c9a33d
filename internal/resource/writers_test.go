package resource

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// refuseOnce answers the first request that fits with an error, after somebody
// else did something.
func refuseOnce(a *account, fits func(*http.Request) bool, meanwhile func(), status int, body string) {
	var met atomic.Bool
	a.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if !fits(r) || !met.CompareAndSwap(false, true) {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		meanwhile()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

func putsBucketPolicy(r *http.Request) bool {
	return r.Method == http.MethodPut && r.URL.Query().Has("policy")
}

// A write of the bucket policy that is refused is made anew from what there is
// by then: what others wrote meanwhile stays.
func TestBucketPolicyOfOthersSurvivesARefusedWrite(t *testing.T) {
	for code, status := range map[string]int{"OperationAborted": 409, "NoSuchBucket": 404} {
		for _, fresh := range []bool{true, false} {
			t.Run(code, func(t *testing.T) {
				a := start(t, driftLayout)
				if !fresh {
					a = withoutStorages(t)
					a.putBucketPolicy(foreignPolicy)
				}
				var theirs atomic.Bool
				refuseOnce(a, func(r *http.Request) bool { return putsBucketPolicy(r) && !theirs.Load() }, func() {
					theirs.Store(true)
					a.putBucketPolicy(strings.Replace(foreignPolicy, "Theirs", "Newer", 1))
				}, status, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
				a.sync()
				a.has(t, "Newer", "IVSRealtimeRecording")
				a.settled()
			})
		}
	}
}

func TestLogsPolicyOfOthersSurvivesARefusedWrite(t *testing.T) {
	a := start(t, layoutOf("shared", driftRegion))
	name := a.wish.Env.LogsPolicyName()
	const theirs = `{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"Service":"es.amazonaws.com"},` +
		`"Action":"logs:PutLogEvents","Resource":"arn:aws:logs:eu-west-1:123456789012:log-group:/theirs:*"}]}`
	var met atomic.Bool
	refuseOnce(a, func(r *http.Request) bool {
		return r.Header.Get("X-Amz-Target") == "Logs_20140328.PutResourcePolicy" && !met.Load()
	}, func() {
		met.Store(true)
		do(t, a.clients(driftRegion).Logs.PutResourcePolicy, &cloudwatchlogs.PutResourcePolicyInput{PolicyName: &name, PolicyDocument: aws.String(theirs)})
	}, 400, `{"__type":"OperationAbortedException","message":"no"}`)
	a.sync()
	for _, one := range do(t, a.clients(driftRegion).Logs.DescribeResourcePolicies, &cloudwatchlogs.DescribeResourcePoliciesInput{}).ResourcePolicies {
		if document := aws.ToString(one.PolicyDocument); aws.ToString(one.PolicyName) == name && (!strings.Contains(document, "Theirs") || !strings.Contains(document, "YoloIvsEvents")) {
			t.Errorf("the policy is %s", document)
		}
	}
	a.settled()
}
