package main

import (
	"slices"
	"testing"
	"time"

	"github.com/yolo-live/yolo/bench/wan"
	"github.com/yolo-live/yolo/internal/emulator"
)

func TestConnectionCells(t *testing.T) {
	begun := time.Now()
	s := sample{latency: time.Second, calls: make([]emulator.Call, 9), hosts: []wan.Host{
		{Connections: 3, Idle: 1, Requests: 4, MostInFlight: 2},
		{Connections: 2, Late: 1, Requests: 5, MostInFlight: 2},
	}}
	s.Begun, s.Ended, s.CPU = begun, begun.Add(4250*time.Millisecond), 120*time.Millisecond
	want := []string{"4.25", "120 ms", "9", "2", "5", "4", "1", "1"}
	if got := s.connectionCells(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
