package eventpattern_test

import (
	"errors"
	"testing"

	"github.com/yolo-live/yolo/internal/eventpattern"
)

const event = `{"source":"aws.ivs","detail-type":"IVS Stage Update","resources":["arn:aws:ivs:us-east-1:1:stage/a","other"],` +
	`"detail":{"event_name":"Participant Published","count":3,"replica":false,"nothing":null,"tokens":[{"kind":"x"},{"kind":"y"}]}}`

func TestMatch(t *testing.T) {
	for pattern, want := range map[string]bool{
		`{"source":["aws.ivs"]}`:                                                         true,
		`{"source":["aws.s3","aws.ivs"]}`:                                                true,
		`{"source":["AWS.IVS"]}`:                                                         false,
		`{"source":["aws.ivs"],"detail-type":[{"prefix":"IVS "}]}`:                       true,
		`{"source":["aws.ivs"],"detail-type":[{"prefix":"AWS API"}]}`:                    false,
		`{"detail-type":[{"prefix":{"equals-ignore-case":"ivs s"}}]}`:                    true,
		`{"detail-type":[{"suffix":"Update"}]}`:                                          true,
		`{"detail-type":[{"suffix":"update"}]}`:                                          false,
		`{"source":[{"equals-ignore-case":"AWS.IVS"}]}`:                                  true,
		`{"detail-type":[{"wildcard":"IVS * Update"}]}`:                                  true,
		`{"detail-type":[{"wildcard":"IVS*e"}]}`:                                         true,
		`{"detail-type":[{"wildcard":"IVS \\* Update"}]}`:                                false,
		`{"detail-type":[{"wildcard":"S*"}]}`:                                            false,
		`{"resources":["other"]}`:                                                        true,
		`{"resources":[{"prefix":"arn:aws:ivs:"}]}`:                                      true,
		`{"resources":[{"prefix":"arn:aws:s3:"}]}`:                                       false,
		`{"detail":{"event_name":["Participant Published"]}}`:                            true,
		`{"detail":{"event_name":["Session Start"]}}`:                                    false,
		`{"detail":{"event_name":[{"anything-but":"Session Start"}]}}`:                   true,
		`{"detail":{"event_name":[{"anything-but":["Participant Published"]}]}}`:         false,
		`{"detail":{"event_name":[{"anything-but":{"prefix":"Participant"}}]}}`:          false,
		`{"detail":{"event_name":[{"anything-but":{"suffix":"Failure"}}]}}`:              true,
		`{"detail":{"missing":[{"anything-but":"x"}]}}`:                                  false,
		`{"detail":{"missing":[{"exists":false}]}}`:                                      true,
		`{"detail":{"missing":[{"exists":true}]}}`:                                       false,
		`{"detail":{"missing":["x"]}}`:                                                   false,
		`{"detail":{"nothing":[null]}}`:                                                  true,
		`{"detail":{"count":[3]}}`:                                                       true,
		`{"detail":{"count":[3.0]}}`:                                                     true,
		`{"detail":{"count":["3"]}}`:                                                     false,
		`{"detail":{"count":[{"numeric":[">",2,"<=",3]}]}}`:                              true,
		`{"detail":{"count":[{"numeric":["=",4]}]}}`:                                     false,
		`{"detail":{"replica":[false]}}`:                                                 true,
		`{"detail":{"tokens":{"kind":["y"]}}}`:                                           true,
		`{"detail":{"tokens":{"kind":["z"]}}}`:                                           false,
		`{"detail":{"gone":{"deeper":[{"exists":false}]}}}`:                              true,
		`{"source":["x"],"$or":[{"source":["aws.ivs"]},{"detail-type":["x"]}]}`:          false,
		`{"$or":[{"source":["nobody"]},{"detail-type":[{"prefix":"IVS "}]}]}`:            true,
		`{"account":[{"exists":false}],"detail":{"event_name":[{"exists":true}]}}`:       true,
		`{"detail":{"event_name":[{"prefix":["Token","Participant"]}],"count":[1,2,3]}}`: true,
	} {
		got, err := eventpattern.Match(pattern, event)
		if err != nil || got != want {
			t.Errorf("%s: %t, %v, want %t", pattern, got, err, want)
		}
	}
}

// TestNotKnown: what cannot be judged is an error of its own, wherever it is.
func TestNotKnown(t *testing.T) {
	for _, pattern := range []string{
		`{"source":[{"cidr":"10.0.0.0/8"}]}`,
		`{"source":["nobody",{"sounds-like":"x"}]}`,
		`{"source":["nobody"],"detail":{"count":[{"anything-but":{"numeric":[">",1]}}]}}`,
		`{"detail":{"event_name":[{"prefix":{"sounds-like":"x"}}]}}`,
	} {
		_, err := eventpattern.Match(pattern, event)
		if unknown := (*eventpattern.UnknownError)(nil); !errors.As(err, &unknown) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestNoPattern(t *testing.T) {
	for _, pattern := range []string{
		``, `[]`, `null`, `{}`, `{"source":"aws.ivs"}`, `{"source":[]}`, `{"source":[["aws.ivs"]]}`, `{"source":[{}]}`, `{"source":["x"]} {}`,
		`{"source":[{"prefix":1}]}`, `{"source":[{"exists":"yes"}]}`, `{"source":[{"numeric":["~",1]}]}`, `{"$or":[{"source":["x"]}]}`, `{"$or":["x","y"]}`,
	} {
		if matches, err := eventpattern.Match(pattern, event); err == nil || matches {
			t.Errorf("%s: %t, %v", pattern, matches, err)
		}
	}
	if _, err := eventpattern.Match(`{"source":["x"]}`, `"x"`); err == nil {
		t.Error("a text is no event")
	}
}
