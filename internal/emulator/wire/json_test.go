package wire_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type page struct{ Limit *int }

type input struct {
	page
	Name    *string
	Targets []struct {
		ID string `json:"Id"`
	}
	Groups map[string]struct {
		Size int `json:"size"`
	}
	Tags map[string]string `json:"tags"`
	Own  json.RawMessage
}

func TestHandleReadsMembersAsSpelled(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"nothing":               {"", `{}`},
		"all":                   {`{"Limit":1,"Name":"n","Targets":[{"Id":"a"}],"Groups":{"g":{"size":1}},"tags":{"K":"v","k":"w"},"Own":{"x":1}}`, `{"Limit":1,"Name":"n","Targets":[{"Id":"a"}],"Groups":{"g":{"size":1}},"tags":{"K":"v","k":"w"},"Own":{"x":1}}`},
		"another case":          {`{"name":"n","limit":1,"Tags":{"a":"b"}}`, `{}`},
		"another case besides":  {`{"Name":"n","name":"m","NAME":"o"}`, `{"Name":"n"}`},
		"deeper, in a list":     {`{"Targets":[{"id":"a"},{"Id":"b","ID":"c"}]}`, `{"Targets":[{"Id":""},{"Id":"b"}]}`},
		"deeper, in a map":      {`{"Groups":{"g":{"Size":1}}}`, `{"Groups":{"g":{"size":0}}}`},
		"unknown":               {`{"Unknown":{"Name":1}}`, `{}`},
		"null":                  {`{"Name":null,"Targets":null,"Groups":null}`, `{}`},
		"large numbers in full": {`{"Own":12345678901234567890}`, `{"Own":12345678901234567890}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := &input{}
			handle := wire.Handle(wire.JSON11(), func(_ *wire.Request, in *input) (*struct{}, error) {
				got = in
				return &struct{}{}, nil
			})
			if _, err := handle(&wire.Request{Body: []byte(test.body)}); err != nil {
				t.Fatal(err)
			}
			want := &input{}
			if err := json.Unmarshal([]byte(test.want), want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(input{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestHandleRefusesWrongTypes(t *testing.T) {
	handle := wire.Handle(wire.JSON11(), func(*wire.Request, *input) (*struct{}, error) { return &struct{}{}, nil })
	for _, body := range []string{`{`, `[]`, `"x"`, `{"Name":1}`, `{"Targets":{}}`, `{"Targets":[1]}`, `{"Groups":[1]}`, `{"Groups":{"g":1}}`, `{} {}`} {
		_, err := handle(&wire.Request{Body: []byte(body)})
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != "SerializationException" || e.Status != 400 {
			t.Errorf("%s: %v, want 400 SerializationException", body, err)
		}
	}
}
