package ivsrealtime

import "github.com/yolo-live/yolo/internal/emulator/wire"

// Stages and compositions cannot be made here, so there are none.

type compositionList struct {
	Compositions []empty `json:"compositions"`
}

func (s *Service) listCompositions(_ *wire.Request, in *page) (*compositionList, error) {
	return &compositionList{Compositions: []empty{}}, in.checkNone()
}

type stageList struct {
	Stages []empty `json:"stages"`
}

func (s *Service) listStages(_ *wire.Request, in *page) (*stageList, error) {
	return &stageList{Stages: []empty{}}, in.checkNone()
}

// checkNone checks the page of a list that has only one.
func (p *page) checkNone() error {
	if err := p.check(); err != nil {
		return err
	}
	if p.NextToken != nil && *p.NextToken != "" {
		return invalid("Invalid nextToken")
	}
	return nil
}
