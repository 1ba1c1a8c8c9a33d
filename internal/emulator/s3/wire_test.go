package s3_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
)

// request is one request as it is on the wire, for what the SDK never sends.
type request struct {
	method, url, host, body string
	header                  map[string]string
	region                  string // of the signature; "" means us-east-1
}

func (q request) send(t *testing.T, handler http.Handler) (status int, body string) {
	t.Helper()
	if q.region == "" {
		q.region = "us-east-1"
	}
	r := httptest.NewRequest(q.method, q.url, strings.NewReader(q.body))
	r.Host = "127.0.0.1:4566"
	if q.host != "" {
		r.Host = q.host
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=111111111111/20260101/"+q.region+"/s3/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// code reads the code off an error's document.
func code(t *testing.T, body string) string {
	t.Helper()
	var document struct {
		Code      string
		RequestID string `xml:"RequestId"`
		HostID    string `xml:"HostId"`
	}
	if err := xml.Unmarshal([]byte(body), &document); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if document.RequestID == "" || document.HostID == "" {
		t.Errorf("no ids in %s", body)
	}
	return document.Code
}

func newServer(t *testing.T, dir string) *emulator.Server {
	t.Helper()
	server, err := emulator.Open(emulator.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

func TestBucketInHostName(t *testing.T) {
	server := newServer(t, "")
	for _, q := range []request{
		{method: "PUT", url: "/", host: "my.bucket.localhost:4566"},
		{method: "PUT", url: "/a/b", host: "my.bucket.s3.us-east-1.localhost:4566", body: "one"},
		{method: "GET", url: "/a/b", host: "my.bucket.localhost"},
		{method: "GET", url: "/my.bucket/a/b", host: "s3.us-east-1.localhost"},
		{method: "GET", url: "/my.bucket/a/b", host: "localhost:4566"},
		{method: "GET", url: "/my.bucket/a/b", host: "127.0.0.1:4566"},
	} {
		if status, body := q.send(t, server); status != http.StatusOK || q.method == "GET" && body != "one" {
			t.Errorf("%s %s%s: %d %s", q.method, q.host, q.url, status, body)
		}
	}
}

func TestSignatureOfAnotherRegionThanTheHost(t *testing.T) {
	server := newServer(t, "")
	status, body := request{method: "GET", url: "/", host: "b.s3.eu-west-1.localhost"}.send(t, server)
	if got := code(t, body); status != http.StatusBadRequest || got != "AuthorizationHeaderMalformed" || !strings.Contains(body, "<Region>eu-west-1</Region>") {
		t.Errorf("%d %s", status, body)
	}
}

func TestChunkedBodies(t *testing.T) {
	server := newServer(t, "")
	request{method: "PUT", url: "/bucket"}.send(t, server)
	large := strings.Repeat("x", 8192)
	signed := ";chunk-signature=" + strings.Repeat("0", 64)
	tests := map[string]struct {
		body, length, trailer string
		status                int
		code, want            string
	}{
		"one chunk":         {"5\r\nhello\r\n0\r\n\r\n", "5", "", 200, "", "hello"},
		"signed":            {"5" + signed + "\r\nhello\r\n0" + signed + "\r\n\r\n", "5", "", 200, "", "hello"},
		"two chunks":        {"2000\r\n" + large + "\r\n1\r\ny\r\n0\r\n\r\n", "8193", "", 200, "", large + "y"},
		"trailer":           {"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", "9", "x-amz-checksum-crc32", 200, "", "123456789"},
		"wrong trailer":     {"9\r\n123456780\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", "9", "x-amz-checksum-crc32", 400, "BadDigest", ""},
		"trailer missing":   {"9\r\n123456789\r\n0\r\n\r\n", "9", "x-amz-checksum-crc32", 400, "MalformedTrailerError", ""},
		"unknown trailer":   {"1\r\nx\r\n0\r\n\r\n", "1", "x-amz-meta-late", 400, "InvalidRequest", ""},
		"small in between":  {"1\r\nx\r\n1\r\ny\r\n0\r\n\r\n", "2", "", 403, "InvalidChunkSizeError", ""},
		"longer than said":  {"5\r\nhello\r\n0\r\n\r\n", "4", "", 400, "IncompleteBody", ""},
		"shorter than said": {"5\r\nhello\r\n0\r\n\r\n", "6", "", 400, "IncompleteBody", ""},
		"cut":               {"5\r\nhel", "5", "", 400, "IncompleteBody", ""},
		"no chunks":         {"hello", "5", "", 400, "IncompleteBody", ""},
		"no length":         {"5\r\nhello\r\n0\r\n\r\n", "", "", 411, "MissingContentLength", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			key := "/bucket/" + strings.ReplaceAll(name, " ", "-")
			status, body := request{method: "PUT", url: key, body: test.body, header: map[string]string{
				"X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding": "aws-chunked",
				"X-Amz-Decoded-Content-Length": test.length, "X-Amz-Trailer": test.trailer,
			}}.send(t, server)
			if status != test.status || test.code != "" && code(t, body) != test.code {
				t.Fatalf("%d %s", status, body)
			}
			status, body = request{method: "GET", url: key}.send(t, server)
			if test.status == http.StatusOK && body != test.want || test.status != http.StatusOK && status != http.StatusNotFound {
				t.Errorf("read back: %d %.100s", status, body)
			}
		})
	}
}

func TestDocumentsThatBreakTheSchema(t *testing.T) {
	server := newServer(t, "")
	request{method: "PUT", url: "/bucket"}.send(t, server)
	for name, document := range map[string]string{
		"not XML":          "nonsense",
		"empty":            " ",
		"cut":              "<PublicAccessBlockConfiguration>",
		"other root":       "<Tagging/>",
		"unknown child":    "<PublicAccessBlockConfiguration><Foo>true</Foo></PublicAccessBlockConfiguration>",
		"not a boolean":    "<PublicAccessBlockConfiguration><BlockPublicAcls>yes</BlockPublicAcls></PublicAccessBlockConfiguration>",
		"twice":            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
		"text in between":  "<PublicAccessBlockConfiguration>x<BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
		"other namespace":  `<PublicAccessBlockConfiguration xmlns="http://example.com/"/>`,
		"something behind": "<PublicAccessBlockConfiguration/><a/>",
	} {
		status, body := request{method: "PUT", url: "/bucket?publicAccessBlock", body: document}.send(t, server)
		if got := code(t, body); status != http.StatusBadRequest || got != "MalformedXML" {
			t.Errorf("%s: %d %s", name, status, got)
		}
	}
}

func TestDigestIsRequired(t *testing.T) {
	server := newServer(t, "")
	request{method: "PUT", url: "/bucket"}.send(t, server)
	for _, q := range []request{
		{method: "PUT", url: "/bucket?tagging", body: "<Tagging><TagSet/></Tagging>"},
		{method: "POST", url: "/bucket?delete", body: "<Delete><Object><Key>k</Key></Object></Delete>"},
	} {
		if status, body := q.send(t, server); status != http.StatusBadRequest || code(t, body) != "InvalidRequest" {
			t.Errorf("%s: %d %s", q.url, status, body)
		}
	}
}

func TestRequestsThatNameNoOperation(t *testing.T) {
	server := newServer(t, "")
	request{method: "PUT", url: "/bucket"}.send(t, server)
	for _, q := range []request{
		{method: "GET", url: "/bucket?cors"},
		{method: "GET", url: "/bucket?policy&tagging"},
		{method: "PUT", url: "/bucket/key?x-id=RenameObject", body: "x"},
		{method: "PUT", url: "/bucket/key?uploadId=x&partNumber=1", header: map[string]string{"X-Amz-Copy-Source": "bucket/other"}},
		{method: "POST", url: "/bucket"},
		{method: "PATCH", url: "/bucket/key"},
		{method: "GET", url: "/bucket?list-type=3"},
	} {
		if status, body := q.send(t, server); status != http.StatusNotImplemented || code(t, body) != "NotImplemented" {
			t.Errorf("%s %s: %d %s", q.method, q.url, status, body)
		}
	}
}

func TestHeadersThatAskForWhatIsNotThere(t *testing.T) {
	server := newServer(t, "")
	request{method: "PUT", url: "/bucket"}.send(t, server)
	for name, value := range map[string]string{
		"X-Amz-Tagging": "a=b", "X-Amz-Object-Lock-Mode": "GOVERNANCE", "X-Amz-Website-Redirect-Location": "/",
		"X-Amz-Server-Side-Encryption-Customer-Algorithm": "AES256", "X-Amz-Storage-Class": "GLACIER",
	} {
		status, body := request{method: "PUT", url: "/bucket/key", body: "x", header: map[string]string{name: value}}.send(t, server)
		if status != http.StatusNotImplemented || code(t, body) != "NotImplemented" {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestErrorsToHEADHaveNoBody(t *testing.T) {
	status, body := request{method: "HEAD", url: "/bucket"}.send(t, newServer(t, ""))
	if status != http.StatusNotFound || body != "" {
		t.Errorf("%d %q", status, body)
	}
}

// Two servers over one folder stand for two processes.
func TestProcessesShareObjectsAndLeaveNoFiles(t *testing.T) {
	dir := t.TempDir()
	one, two := newServer(t, dir), newServer(t, dir)
	request{method: "PUT", url: "/bucket"}.send(t, one)
	for _, body := range []string{"first", "second"} {
		request{method: "PUT", url: "/bucket/..%2F..%2Fescape", body: body}.send(t, one)
		if _, got := (request{method: "GET", url: "/bucket/..%2F..%2Fescape"}).send(t, two); got != body {
			t.Errorf("the other one reads %q, want %q", got, body)
		}
	}
	request{method: "PUT", url: "/bucket/refused", body: "x", header: map[string]string{"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}}.send(t, one)
	if diff := cmp.Diff(1, countFiles(t, dir)); diff != "" {
		t.Errorf("bodies (-want +got)\n%s", diff)
	}
	request{method: "DELETE", url: "/bucket/..%2F..%2Fescape"}.send(t, two)
	if diff := cmp.Diff(0, countFiles(t, dir)); diff != "" {
		t.Errorf("bodies after the deletion (-want +got)\n%s", diff)
	}
}

func countFiles(t *testing.T, dir string) int {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(dir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// FuzzDocuments sends any body to each operation that reads one. Whatever it
// is, the answer is an error of S3 or success, never a defect.
func FuzzDocuments(f *testing.F) {
	targets := []string{
		"PUT /bucket", "PUT /bucket?policy", "PUT /bucket?tagging", "PUT /bucket?lifecycle", "PUT /bucket?encryption", "PUT /bucket?versioning",
		"PUT /bucket?ownershipControls", "PUT /bucket?publicAccessBlock", "PUT /bucket?acl", "POST /bucket?delete", "POST /bucket/key?uploadId=x",
	}
	for _, seed := range []string{
		`<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>`,
		`<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Prefix/><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>`,
		`<Delete><Object><Key>k</Key><VersionId>null</VersionId></Object><Quiet>true</Quiet></Delete>`,
		`<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":["*"]},"NotAction":"s3:*","Resource":["arn:aws:s3:::bucket"],"Condition":{"Bool":{"aws:SecureTransport":[false]}}}}`,
		`<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint><Tags><Tag><Key>a</Key><Value/></Tag></Tags></CreateBucketConfiguration>`,
	} {
		for i := range targets {
			f.Add(i, []byte(seed))
		}
	}
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target int, body []byte) {
		method, url, _ := strings.Cut(targets[(target%len(targets)+len(targets))%len(targets)], " ")
		r := httptest.NewRequest(method, url, bytes.NewReader(body))
		r.Host = "127.0.0.1"
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError && w.Code != http.StatusNotImplemented {
			answer, _ := io.ReadAll(w.Body)
			t.Errorf("%s %s: %d %s", method, url, w.Code, answer)
		}
		request{method: "PUT", url: "/bucket"}.send(t, server)
		if status, answer := (request{method: "GET", url: "/bucket?lifecycle"}).send(t, server); status == http.StatusOK {
			if err := xml.Unmarshal([]byte(answer), new(struct{})); err != nil {
				t.Errorf("%v in %s", err, answer)
			}
		}
	})
}
