package resource

import (
	"context"
	"sort"
	"sync"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The codes of what a file's values are found to be, beside CodeNotOurs,
// WarnDuplicate, WarnElsewhere and WarnUnsettled.
const (
	CodeMissingKey   = "MissingKey"            // the key is not in the file
	CodeCommentedOut = "CommentedOut"          // it is there only in a comment
	CodeEmptyValue   = "EmptyValue"            // it has no value
	CodeOddForm      = "OddForm"               // the value is right, but not for all readers of such files
	CodeOtherKind    = "OtherKind"             // names something else than the key asks for
	CodeOtherAccount = "OtherAccount"          // is an ARN of another account
	CodeOtherRegion  = "OtherRegion"           // is of another region
	CodeOtherBucket  = "OtherBucket"           // names a bucket that is not the one
	CodeOther        = "OtherConfiguration"    // is not the one, and what it is could not be found out
	CodeStale        = "StaleConfiguration"    // was deleted
	CodeStaleBucket  = "StaleBucket"           // names the right bucket, which is not there
	CodeReplaced     = "ReplacedConfiguration" // has the video of before
	CodeLeftoverKey  = "LeftoverKey"           // a sync prints no such key
)

// EnvFound is what a file says of a variable.
type EnvFound struct {
	Name, Value string
	Line        int
	// Commented tells that it is in a comment, and Odd that some readers of
	// such files take the value for another one.
	Commented, Odd bool
}

// EnvFinding is what is wrong about a variable in a file.
type EnvFinding struct {
	Code, Name, Region string
	// Line is 0 when the file does not have the variable, and Have is "".
	Line int
	// Want is "" when no value is wanted, or a sync has to make it first.
	Have, Want string
	// Text says what Have is, and what comes of it. Fix is "" where the file
	// only has to be written anew.
	Text, Fix string
}

// CheckEnv compares what a file says with the values of a plan. What the values
// are that are not right, it asks AWS. Findings are in the order of the lines,
// missing variables last; those of which the plan does not know the right value
// are left out. Leftovers are right for as long as what they name is there, and
// not wanted. The error is STS's.
func CheckEnv(ctx context.Context, c *cloud.Cloud, wish Wish, plan *reconcile.Report, found []EnvFound) (findings, leftovers []EnvFinding, err error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, nil, err
	}
	e := &envCheck{world: newWorld(wish.Env, c, wish.Regions), plan: plan, account: account, values: map[string]EnvValue{}}
	values := EnvValues(wish, plan)
	for _, v := range values {
		e.values[v.Name] = v
	}
	judged := make([]judgement, len(found))
	var wg sync.WaitGroup
	for i, f := range found {
		if !f.Commented {
			wg.Go(func() { judged[i] = e.judge(ctx, f) })
		}
	}
	wg.Wait()
	for _, j := range judged {
		if j.finding != nil {
			findings = append(findings, *j.finding)
		}
		if j.leftover != nil {
			leftovers = append(leftovers, *j.leftover)
		}
	}
	findings = append(findings, lacking(values, found)...)
	sort.SliceStable(findings, func(i, j int) bool { return lineBefore(findings[i].Line, findings[j].Line) })
	return findings, leftovers, nil
}

// lineBefore tells whether a finding's line comes before another one's; 0, for
// none, comes last.
func lineBefore(a, b int) bool {
	if a > 0 && b > 0 {
		return a < b
	}
	return a > b
}

// lacking are the findings on values that a file does not have.
func lacking(values []EnvValue, found []EnvFound) []EnvFinding {
	var findings []EnvFinding
	for _, v := range values {
		given, commented := false, 0
		for _, f := range found {
			if f.Name == v.Name && f.Commented {
				commented = f.Line
			}
			given = given || f.Name == v.Name && !f.Commented
		}
		if given || v.Value == "" {
			continue
		}
		one := EnvFinding{Code: CodeMissingKey, Name: v.Name, Region: v.Of.Region, Line: commented, Want: v.Value, Text: "the key is missing; " + without(v.Of)}
		if commented > 0 {
			one.Code, one.Text = CodeCommentedOut, "the key is commented out; "+without(v.Of)
		}
		findings = append(findings, one)
	}
	return findings
}

// envCheck compares a file with the account.
type envCheck struct {
	*world
	plan    *reconcile.Report
	account string
	values  map[string]EnvValue
}

// judgement is what is said of one line; neither when it is right, or none of
// ours.
type judgement struct {
	finding  *EnvFinding
	leftover *EnvFinding
}

func (e *envCheck) judge(ctx context.Context, f EnvFound) judgement {
	v, wanted := e.values[f.Name]
	if !wanted {
		return e.judgeLeftover(ctx, f)
	}
	right := v.Value != "" && f.Value == v.Value
	if v.Err != nil || right && !f.Odd || v.Value == "" && f.Value == "" {
		return judgement{}
	}
	one := &EnvFinding{Name: f.Name, Region: v.Of.Region, Line: f.Line, Have: f.Value, Want: v.Value}
	switch {
	case right:
		one.Code, one.Text = CodeOddForm, "the value is right, but some readers of dotenv files take this line for something else, and then "+wrong(v.Of)
	case f.Value == "":
		one.Code, one.Text = CodeEmptyValue, "the value is empty; "+without(v.Of)
	case isBucket(v.Of):
		one.Code, one.Text = e.judgeBucket(f.Value, v)
	default:
		one.Code, one.Text = e.judgeARN(ctx, f.Value, v)
	}
	return judgement{finding: one}
}
