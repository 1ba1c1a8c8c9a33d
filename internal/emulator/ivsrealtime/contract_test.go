package ivsrealtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator"
	"github.com/yolo-live/yolo/internal/emulator/emulatortest"
)

// belief is something that yolo holds to be true of IVS Real-Time.
type belief struct {
	name  string
	check func(*testing.T, *world)
}

// TestContract checks each belief on an account of its own or, on AWS, with
// names of its own. The section is that of the collection of facts on AWS.
func TestContract(t *testing.T) {
	for _, b := range slices.Concat(configurationBeliefs, limitBeliefs, tagBeliefs, policyBeliefs) {
		t.Run(b.name, func(t *testing.T) { b.check(t, newWorld(t, emulator.Options{})) })
	}
}

// world is an account with clients for one of its regions.
type world struct {
	*emulatortest.Account
	ivs    *ivsrealtime.Client
	answer *recorder // of the last request to IVS
}

func newWorld(t *testing.T, options emulator.Options) *world {
	a := emulatortest.Contract(t, options)
	w := &world{Account: a, answer: &recorder{next: awshttp.NewBuildableClient()}}
	w.ivs = w.client(a.Region)
	return w
}

func (w *world) client(region string) *ivsrealtime.Client {
	return ivsrealtime.NewFromConfig(w.Config(region), func(o *ivsrealtime.Options) { o.HTTPClient = w.answer })
}

// recorder keeps the last answer as it was on the wire, since the SDK shows
// only what it has types for.
type recorder struct {
	next   aws.HTTPClient
	status int
	header http.Header
	body   []byte
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	response, err := r.next.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	r.status, r.header = response.StatusCode, response.Header
	if r.body, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(r.body))
	return response, nil
}

// members decodes the body of the last answer.
func (r *recorder) members(t *testing.T) map[string]any {
	t.Helper()
	members := map[string]any{}
	if err := json.Unmarshal(r.body, &members); err != nil {
		t.Fatalf("the answer is no JSON object: %s", r.body)
	}
	return members
}

func (w *world) encoder(t *testing.T, in *ivsrealtime.CreateEncoderConfigurationInput) *types.EncoderConfiguration {
	t.Helper()
	out, err := w.ivs.CreateEncoderConfiguration(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	w.Cleanup(t, func(ctx context.Context) error {
		_, err := w.ivs.DeleteEncoderConfiguration(ctx, &ivsrealtime.DeleteEncoderConfigurationInput{Arn: out.EncoderConfiguration.Arn})
		return err
	})
	return out.EncoderConfiguration
}

var ignoreUnexported = cmp.FilterPath(func(p cmp.Path) bool {
	field, ok := p.Last().(cmp.StructField)
	return ok && field.Name() == "noSmithyDocumentSerde"
}, cmp.Ignore())

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, ignoreUnexported); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

var configurationBeliefs = []belief{
	{"IVS-01 a created encoder configuration has an ARN of twelve letters and digits, its name and tags (§1.6)", func(t *testing.T, w *world) {
		name := w.Name("encoder")
		made := w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{Name: &name, Tags: map[string]string{"a": "b", "empty": ""}})
		form := regexp.MustCompile(`^arn:aws:ivs:` + w.Region + `:` + w.ID + `:encoder-configuration/[a-zA-Z0-9]{12}$`)
		if !form.MatchString(*made.Arn) {
			t.Errorf("ARN %s, want %s", *made.Arn, form)
		}
		if *made.Name != name {
			t.Errorf("name %q, want %q", *made.Name, name)
		}
		diff(t, map[string]string{"a": "b", "empty": ""}, made.Tags)
		got, err := w.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: made.Arn})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, made, got.EncoderConfiguration)
	}},
	{"IVS-02 names are not unique, and a repeated create makes another one (§1.6)", func(t *testing.T, w *world) {
		in := &ivsrealtime.CreateEncoderConfigurationInput{Name: aws.String(w.Name("twice"))}
		if a, b := w.encoder(t, in), w.encoder(t, in); *a.Arn == *b.Arn {
			t.Errorf("both creates made %s", *a.Arn)
		}
	}},
	{"IVS-03 video is 1280x720 at 30 fps and 2.5 Mbps by default, member by member (§1.6)", func(t *testing.T, w *world) {
		whole := w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{})
		diff(t, &types.Video{Width: aws.Int32(1280), Height: aws.Int32(720), Framerate: aws.Float32(30), Bitrate: aws.Int32(2500000)}, whole.Video)
		partly := w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{Video: &types.Video{Framerate: aws.Float32(29.97)}})
		diff(t, &types.Video{Width: aws.Int32(1280), Height: aws.Int32(720), Framerate: aws.Float32(29.97), Bitrate: aws.Int32(2500000)}, partly.Video)
	}},
	{"IVS-04 the list of encoder configurations has no video (§1.6)", func(t *testing.T, w *world) {
		made := w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{Name: aws.String(w.Name("listed")), Tags: map[string]string{"a": "b"}})
		if _, err := w.ivs.ListEncoderConfigurations(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		items, _ := w.answer.members(t)["encoderConfigurations"].([]any)
		at := slices.IndexFunc(items, func(item any) bool { return item.(map[string]any)["arn"] == *made.Arn })
		if at < 0 {
			t.Fatalf("%s is not in the list %v", *made.Arn, items)
		}
		diff(t, any(map[string]any{"arn": *made.Arn, "name": *made.Name, "tags": map[string]any{"a": "b"}}), items[at])
	}},
	{"IVS-05 what was deleted is not found, by get, delete and tags (§1.7)", func(t *testing.T, w *world) {
		arn := w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{}).Arn
		if _, err := w.ivs.DeleteEncoderConfiguration(t.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: arn}); err != nil {
			t.Fatal(err)
		}
		_, err := w.ivs.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: arn})
		w.refused(t, err, http.StatusNotFound, "ResourceNotFoundException")
		_, err = w.ivs.DeleteEncoderConfiguration(t.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: arn})
		w.refused(t, err, http.StatusNotFound, "ResourceNotFoundException")
		_, err = w.ivs.ListTagsForResource(t.Context(), &ivsrealtime.ListTagsForResourceInput{ResourceArn: arn})
		w.refused(t, err, http.StatusNotFound, "ResourceNotFoundException")
	}},
	{"IVS-06 a region knows only its own configurations (§1.6)", func(t *testing.T, w *world) {
		made := w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{})
		elsewhere := w.client(w.Elsewhere)
		_, err := elsewhere.GetEncoderConfiguration(t.Context(), &ivsrealtime.GetEncoderConfigurationInput{Arn: made.Arn})
		w.refused(t, err, http.StatusNotFound, "ResourceNotFoundException")
	}},
	{"IVS-07 a list is paged, and each page but the last has a token (§1.6)", func(t *testing.T, w *world) {
		want := []string{}
		for range 3 {
			want = append(want, *w.encoder(t, &ivsrealtime.CreateEncoderConfigurationInput{}).Arn)
		}
		pages := ivsrealtime.NewListEncoderConfigurationsPaginator(w.ivs, &ivsrealtime.ListEncoderConfigurationsInput{MaxResults: aws.Int32(2)})
		got := []string{}
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(page.EncoderConfigurations) > 2 {
				t.Errorf("a page of %d, want 2 at most", len(page.EncoderConfigurations))
			}
			for _, item := range page.EncoderConfigurations {
				if slices.Contains(want, *item.Arn) {
					got = append(got, *item.Arn)
				}
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		diff(t, want, got)
	}},
	{"IVS-08 there are no compositions and stages until some are made (§1.1)", func(t *testing.T, w *world) {
		w.NeedsEmulator(t, "an account on AWS may have some")
		if out, err := w.ivs.ListCompositions(t.Context(), nil); err != nil || len(out.Compositions) > 0 {
			t.Errorf("compositions: %v, %v", out, err)
		}
		if out, err := w.ivs.ListStages(t.Context(), nil); err != nil || len(out.Stages) > 0 {
			t.Errorf("stages: %v, %v", out, err)
		}
	}},
}

// refused checks an error in the form that IVS sends on the wire.
func (w *world) refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	if err == nil {
		t.Errorf("it was accepted, want %d %s", status, code)
		return
	}
	sent := w.answer.header.Get("X-Amzn-Errortype")
	if w.answer.status != status || sent != code {
		t.Errorf("%d %s, want %d %s: %s", w.answer.status, sent, status, code, w.answer.body)
	}
	if text, _ := w.answer.members(t)["exceptionMessage"].(string); strings.TrimSpace(text) == "" {
		t.Errorf("the error has no exceptionMessage: %s", w.answer.body)
	}
}
