package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/yolo-live/yolo/internal/cloud"
	"github.com/yolo-live/yolo/internal/reconcile"
)

func TestExitCode(t *testing.T) {
	ok := reconcile.NodeReport{Result: reconcile.Synced}
	pending := reconcile.NodeReport{Result: reconcile.Created, Changed: true}
	failed := reconcile.NodeReport{Result: reconcile.Failed, Err: errors.New("refused")}
	idle := reconcile.NodeReport{Result: reconcile.Synced, FollowUp: true}
	mended := reconcile.NodeReport{Result: reconcile.Synced, FollowUp: true, Changed: true}
	tests := map[string]struct {
		nodes       []reconcile.NodeReport
		interrupted bool
		options     options
		warnings    int
		want        int
	}{
		"nothing to do": {want: exitDone},
		"all well":      {nodes: []reconcile.NodeReport{ok, pending}, want: exitDone},
		"all failed":    {nodes: []reconcile.NodeReport{failed, failed}, want: exitError},
		"partly":        {nodes: []reconcile.NodeReport{failed, ok}, want: exitPartial},
		"a check that found nothing is no success": {nodes: []reconcile.NodeReport{failed, idle}, want: exitError},
		"a check that mended something is one":     {nodes: []reconcile.NodeReport{failed, mended}, want: exitPartial},
		"pending":                                  {nodes: []reconcile.NodeReport{pending, ok}, options: options{detailedExitCode: true}, want: exitPending},
		"asked, and nothing pending":               {nodes: []reconcile.NodeReport{ok}, options: options{detailedExitCode: true}, want: exitDone},
		"failed goes before pending":               {nodes: []reconcile.NodeReport{failed, pending}, options: options{detailedExitCode: true}, want: exitPartial},
		"interrupted goes before failed":           {nodes: []reconcile.NodeReport{failed, ok}, interrupted: true, want: exitInterrupted},
		"a warning":                                {nodes: []reconcile.NodeReport{ok}, warnings: 1, want: exitDone},
		"a warning, strictly":                      {nodes: []reconcile.NodeReport{ok}, options: options{strict: true}, warnings: 1, want: exitError},
		"strictly, and no warning":                 {nodes: []reconcile.NodeReport{ok}, options: options{strict: true}, want: exitDone},
		"partly goes before strict":                {nodes: []reconcile.NodeReport{ok, failed}, options: options{strict: true}, warnings: 1, want: exitPartial},
		"pending goes before strict":               {nodes: []reconcile.NodeReport{pending}, options: options{strict: true, detailedExitCode: true}, warnings: 1, want: exitPending},
		"interrupted goes before a warning":        {nodes: []reconcile.NodeReport{ok}, interrupted: true, options: options{strict: true}, warnings: 1, want: exitInterrupted},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			group := reconcile.GroupReport{Nodes: tt.nodes}
			for _, n := range tt.nodes {
				group.Result, group.Changed = max(group.Result, n.Result), group.Changed || n.Changed
			}
			report := &reconcile.Report{Interrupted: tt.interrupted, Groups: []reconcile.GroupReport{group}}
			if got := exitCode(report, tt.options, tt.warnings); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}

func TestFailureCode(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	account := &accountError{want: "1", have: "2"}
	tests := map[string]struct {
		err  error
		stop context.Context
		want int
	}{
		"any error":                          {errors.New("broken"), t.Context(), exitError},
		"another account":                    {fmt.Errorf("x: %w", account), t.Context(), exitCredentials},
		"an interruption goes before others": {account, stopped, exitInterrupted},
		"before there was a run":             {account, nil, exitCredentials},
		"no credentials":                     {&cloud.CredentialsError{}, t.Context(), exitCredentials},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := failureCode(tt.err, tt.stop); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}
