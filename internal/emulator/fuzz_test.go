package emulator

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzBodies: whatever is sent to whichever operation of whichever service, it
// is answered, the answer is not of a defect, and the next one is too.
func FuzzBodies(f *testing.F) {
	for _, seed := range []struct{ service, method, path, target, body string }{
		{"ivs", "POST", "/CreateStorageConfiguration", "", `{"s3":{"bucketName":7}}`},
		{"ivs", "POST", "/CreateEncoderConfiguration", "", `{"video":{"framerate":"x","width":-1}}`},
		{"ivs", "POST", "/StartComposition", "", `{"destinations":[null],"layout":{"grid":[]}}`},
		{"ivs", "POST", "/ListStorageConfigurations", "", `{"nextToken":"../../x","maxResults":1e99}`},
		{"ivs", "POST", "/TagResource", "", `{"tags":{"":null}}`},
		{"logs", "POST", "/", "Logs_20140328.CreateLogGroup", `{"logGroupName":["a"]}`},
		{"logs", "POST", "/", "Logs_20140328.PutResourcePolicy", `{"policyDocument":"{","policyName":{}}`},
		{"logs", "POST", "/", "Logs_20140328.FilterLogEvents", `{"filterPattern":"{ $.a = [[[ }","startTime":-1}`},
		{"events", "POST", "/", "AWSEvents.PutRule", `{"Name":"r","EventPattern":"{\"a\":[{\"wildcard\":\"**\"}]}"}`},
		{"events", "POST", "/", "AWSEvents.PutTargets", `{"Rule":"r","Targets":[{"InputTransformer":{}}]}`},
		{"s3", "PUT", "/bucket", "", `<CreateBucketConfiguration><LocationConstraint>`},
		{"s3", "PUT", "/bucket?policy", "", `{"Statement":[{"Principal":{"AWS":{}}}]}`},
		{"s3", "PUT", "/bucket?tagging", "", `<Tagging><TagSet><Tag/></TagSet></Tagging>`},
		{"s3", "PUT", "/bucket/..%2f..%2fkey", "", "x"},
		{"s3", "POST", "/bucket?delete", "", strings.Repeat("<Delete>", 2000)},
		{"iam", "POST", "/", "", "Action=GetRole&RoleName=%00&Version=2010-05-08"},
		{"iam", "POST", "/", "", "Action=CreateRole&AssumeRolePolicyDocument=%7B"},
		{"sts", "POST", "/", "", "Action=GetCallerIdentity&Action=%ff"},
		{"", "POST", "/_yolo/faults", "", "op=Create* code=\x00 times=-1"},
		{"", "POST", "/_yolo/latency", "", "99999999999999h"},
	} {
		f.Add(seed.service, seed.method, seed.path, seed.target, seed.body)
	}
	f.Fuzz(func(t *testing.T, service, method, path, target, body string) {
		s := openServer(t, Options{})
		send := func(method, path, body string) *httptest.ResponseRecorder {
			h := httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost/", strings.NewReader(body))
			h.Method = method
			u, err := h.URL.Parse(path)
			if err != nil || u.Host != "localhost" {
				t.Skip()
			}
			h.URL, h.RequestURI = u, u.RequestURI()
			h.Header.Set("X-Amz-Target", target)
			h.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			h.Header.Set("Authorization", strings.Replace(signed, "/ivs/", "/"+service+"/", 1))
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, h)
			return answer
		}
		if service == "s3" {
			send("PUT", "/bucket", "")
		}
		for range 2 {
			answer := send(method, path, body)
			if strings.Contains(answer.Body.String(), "panic: ") && !strings.Contains(body+path+target+method, "panic: ") {
				t.Fatalf("%s %s %s %s %q: %d %s", service, method, path, target, body, answer.Code, answer.Body)
			}
		}
		if answer := send("GET", "/_yolo/calls", ""); answer.Code != 200 {
			t.Errorf("afterwards: %d %s", answer.Code, answer.Body)
		}
	})
}
