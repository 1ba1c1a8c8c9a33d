package ivsrealtime_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/yolo-live/yolo/internal/emulator"
)

// FuzzRequests sends what no SDK would. Whatever it is, it is the client's
// mistake and answered as such, or accepted.
func FuzzRequests(f *testing.F) {
	f.Add("POST", "/CreateStorageConfiguration", `{"name":"n","s3":{"bucketName":"bbb"},"tags":{"a":"b"}}`)
	f.Add("POST", "/CreateEncoderConfiguration", `{"video":{"width":2,"height":1e3,"framerate":-0.0,"bitrate":null}}`)
	f.Add("POST", "/GetStorageConfiguration", `{"arn":"arn:aws:ivs:us-east-1:123456789012:storage-configuration/x"}`)
	f.Add("POST", "/ListStages", `{"maxResults":1,"nextToken":"AAAAAAAA"}`)
	f.Add("DELETE", "/tags/arn%3Aaws%3Aivs%3Aus-east-1%3A123456789012%3Astorage-configuration%2Fx?tagKeys=a&tagKeys=", "")
	f.Add("POST", "/tags/%zz", `{"tags":[]}`)
	f.Add("POST", "/CreateStage", `{"participantTokenConfigurations":[{"attributes":{"a":"b"}},null],"autoParticipantRecordingConfiguration":{"storageConfigurationArn":""}}`)
	f.Add("POST", "/UpdateStage", `{"arn":"arn:aws:ivs:us-east-1:123456789012:stage/x","autoParticipantRecordingConfiguration":{}}`)
	f.Add("POST", "/StartComposition", `{"stageArn":"arn:aws:ivs:us-east-1:123456789012:stage/x","destinations":[{"s3":{}},{"channel":{}}],"layout":{"grid":{},"pip":{}}}`)
	f.Add("POST", "/StartComposition", `{"stageArn":"arn:aws:ivs:us-east-1:123456789012:stage/x","destinations":[{}]}`)
	f.Add("POST", "/ListCompositions", `{"filterByStageArn":"arn:aws:ivs:us-east-1:123456789012:stage/x"}`)
	server, err := emulator.Open(emulator.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = server.Close() })
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if strings.ContainsAny(method, " \r\n") || !strings.HasPrefix(path, "/") {
			t.Skip("no HTTP request")
		}
		request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path, strings.NewReader(body))
		if err != nil || request.URL.Host != "localhost" || strings.HasPrefix(request.URL.Path, "/_yolo/") {
			t.Skip("no request for IVS")
		}
		request.Header.Set("Authorization", "AWS4 Credential=123456789012/20261122/us-east-1/ivs/aws4_request")
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		if recorder.Code == http.StatusInternalServerError {
			t.Errorf("%s %s %s: %s", method, path, body, recorder.Body)
		}
	})
}
