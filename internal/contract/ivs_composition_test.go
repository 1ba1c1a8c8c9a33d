package contract

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime"
	"github.com/aws/aws-sdk-go-v2/service/ivsrealtime/types"
)

// costs is why compositions are not tried on an account.
const costs = "a composition is billed by the hour; SHOW-02 to SHOW-07 have some"

// What a proof waits for by the emulator's clock.
const (
	timeToStart = 10 * time.Second
	timeToStop  = 10 * time.Second
)

// show is all that a composition needs.
type show struct {
	c                       *check
	bucket                  string
	stage, storage, encoder *string
}

func (c *check) show() *show {
	s := &show{c: c, bucket: c.recordings()}
	s.storage = c.storage(storageInput(s.bucket)).Arn
	s.encoder = c.encoder(&encoderInput{}).Arn
	s.stage = c.stage(&ivsrealtime.CreateStageInput{}).Arn
	return s
}

func (s *show) s3() types.DestinationConfiguration {
	return types.DestinationConfiguration{S3: &types.S3DestinationConfiguration{
		StorageConfigurationArn: s.storage, EncoderConfigurationArns: []string{*s.encoder},
	}}
}

// channel is a channel that nothing else broadcasts to.
func (s *show) channel() types.DestinationConfiguration {
	return types.DestinationConfiguration{Channel: &types.ChannelDestinationConfiguration{
		ChannelArn: aws.String("arn:aws:ivs:" + home + ":" + s.c.id + ":channel/abcdefghijkl"), EncoderConfigurationArn: s.encoder,
	}}
}

func (s *show) input(to ...types.DestinationConfiguration) *ivsrealtime.StartCompositionInput {
	return &ivsrealtime.StartCompositionInput{StageArn: s.stage, Destinations: to}
}

func (s *show) start(to ...types.DestinationConfiguration) *types.Composition {
	out, err := s.c.ivs().StartComposition(s.c.Context(), s.input(to...))
	s.c.ok(err)
	return out.Composition
}

func (s *show) now(arn *string) *types.Composition {
	out, err := s.c.ivs().GetComposition(s.c.Context(), &ivsrealtime.GetCompositionInput{Arn: arn})
	s.c.ok(err)
	return out.Composition
}

func (s *show) stop(arn *string) {
	_, err := s.c.ivs().StopComposition(s.c.Context(), &ivsrealtime.StopCompositionInput{Arn: arn})
	s.c.ok(err)
}

// states are a composition's and its destinations'.
func states(composition *types.Composition) string {
	all := string(composition.State)
	for _, d := range composition.Destinations {
		all += " " + string(d.State)
	}
	return all
}

// gone wants that a composition cannot be seen any more.
func (s *show) gone(arn *string) {
	_, err := s.c.ivs().GetComposition(s.c.Context(), &ivsrealtime.GetCompositionInput{Arn: arn})
	s.c.refused(err, http.StatusNotFound, "ResourceNotFoundException")
	for _, item := range s.list(&ivsrealtime.ListCompositionsInput{}) {
		if *item.Arn == *arn {
			s.c.Errorf("it is still listed")
		}
	}
}

func (s *show) list(in *ivsrealtime.ListCompositionsInput) (all []types.CompositionSummary) {
	pages := ivsrealtime.NewListCompositionsPaginator(s.c.ivs(), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.c.Context())
		s.c.ok(err)
		all = append(all, page.Compositions...)
	}
	return all
}

var compositionBeliefs = []belief{
	{
		id: "IVS-40", source: "IVS Real-Time API: StartComposition, Composition; AWS CLI examples",
		claim: "a composition starts with an ARN, the prefix of its recording, and the defaults filled in", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			made := s.start(s.s3())
			if !regexp.MustCompile(`^arn:aws:ivs:` + home + `:` + c.id + `:composition/[a-zA-Z0-9]{12}$`).MatchString(*made.Arn) {
				c.Errorf("ARN %s", *made.Arn)
			}
			c.equal("STARTING STARTING", states(made))
			c.equal(s.stage, made.StageArn)
			d := made.Destinations[0]
			want := `^[^/]+/` + (*made.Arn)[strings.LastIndex(*made.Arn, "/")+1:] + `/` + *d.Id + `/composite$`
			if prefix := *d.Detail.S3.RecordingPrefix; !regexp.MustCompile(want).MatchString(prefix) {
				c.Errorf("prefix %s, want %s", prefix, want)
			}
			c.equal(segments(2).HlsConfiguration, d.Configuration.S3.RecordingConfiguration.HlsConfiguration)
			c.equal(types.RecordingConfigurationFormatHls, d.Configuration.S3.RecordingConfiguration.Format)
			c.equal(&types.LayoutConfiguration{Grid: &types.GridConfiguration{
				FeaturedParticipantAttribute: aws.String(""), ParticipantOrderAttribute: aws.String(""), GridGap: 2, VideoAspectRatio: "VIDEO",
			}}, made.Layout)
			c.equal(made, s.now(made.Arn))
		},
	},
	{
		id: "IVS-41", source: "IVS Real-Time API: StartComposition, S3DestinationConfiguration, DestinationConfiguration",
		claim: "the limits of a composition",
		prove: func(c *check) {
			for name, in := range c.show().wrongStarts() {
				_, err := c.ivs().StartComposition(c.Context(), in)
				c.refusedFor(name, err, http.StatusBadRequest, "ValidationException")
			}
		},
	},
	{
		id: "IVS-42", source: "IVS Real-Time API: StartComposition",
		claim: "what a composition names must be in its region",
		prove: func(c *check) {
			s := c.show()
			for what, name := range map[string]func(in *ivsrealtime.StartCompositionInput) *string{
				"stage": func(in *ivsrealtime.StartCompositionInput) *string { return in.StageArn },
				"storage": func(in *ivsrealtime.StartCompositionInput) *string {
					return in.Destinations[0].S3.StorageConfigurationArn
				},
				"encoder": func(in *ivsrealtime.StartCompositionInput) *string {
					return &in.Destinations[0].S3.EncoderConfigurationArns[0]
				},
			} {
				missing := s.input(s.s3())
				stage, storage := *missing.StageArn, *s.storage
				missing.StageArn, missing.Destinations[0].S3.StorageConfigurationArn = &stage, &storage
				arn := name(missing)
				*arn = (*arn)[:strings.LastIndex(*arn, "/")] + "/aaaaaaaaaaaa"
				_, err := c.ivs().StartComposition(c.Context(), missing)
				c.refusedFor(what, err, http.StatusNotFound, "ResourceNotFoundException")
			}
		},
	},
	{
		id: "IVS-43", source: "IVS Real-Time API: StartComposition (idempotencyToken)",
		claim: "a repeated start with the same token makes nothing new, and another request with it is refused", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			in := s.input(s.s3())
			in.IdempotencyToken = aws.String("one")
			first, err := c.ivs().StartComposition(c.Context(), in)
			c.ok(err)
			second, err := c.ivs().StartComposition(c.Context(), in)
			c.ok(err)
			c.equal(first.Composition, second.Composition)
			in.Tags = map[string]string{"another": "one"}
			_, err = c.ivs().StartComposition(c.Context(), in)
			c.refused(err, http.StatusConflict, "ConflictException")
			c.equal(1, len(s.list(&ivsrealtime.ListCompositionsInput{})))
		},
	},
	{
		id: "IVS-44", source: "IVS Real-Time API: ListCompositions, CompositionSummary, DestinationSummary",
		claim: "compositions are listed by stage and by encoder configuration, in pages, without their configuration", onlyEmulated: costs,
		prove: func(c *check) {
			one := c.show()
			other := *one
			other.stage, other.encoder = c.stage(&ivsrealtime.CreateStageInput{}).Arn, c.encoder(&encoderInput{}).Arn
			a, b, d := one.start(one.s3()), one.start(one.s3()), other.start(other.s3(), one.channel())
			for name, test := range map[string]struct {
				in   ivsrealtime.ListCompositionsInput
				want []*types.Composition
			}{
				"all":            {ivsrealtime.ListCompositionsInput{}, []*types.Composition{a, b, d}},
				"in pages":       {ivsrealtime.ListCompositionsInput{MaxResults: aws.Int32(1)}, []*types.Composition{a, b, d}},
				"of a stage":     {ivsrealtime.ListCompositionsInput{FilterByStageArn: one.stage, MaxResults: aws.Int32(1)}, []*types.Composition{a, b}},
				"of an encoder":  {ivsrealtime.ListCompositionsInput{FilterByEncoderConfigurationArn: other.encoder}, []*types.Composition{d}},
				"of a channel's": {ivsrealtime.ListCompositionsInput{FilterByEncoderConfigurationArn: one.encoder}, []*types.Composition{a, b, d}},
				"of both":        {ivsrealtime.ListCompositionsInput{FilterByStageArn: other.stage, FilterByEncoderConfigurationArn: one.encoder}, []*types.Composition{d}},
				"of neither":     {ivsrealtime.ListCompositionsInput{FilterByStageArn: one.stage, FilterByEncoderConfigurationArn: other.encoder}, nil},
			} {
				want := map[string]types.CompositionSummary{}
				for _, w := range test.want {
					want[*w.Arn] = summaryOf(w)
				}
				got := map[string]types.CompositionSummary{}
				for _, item := range one.list(&test.in) {
					got[*item.Arn] = item
				}
				before := len(c.failures)
				c.equal(want, got)
				for i := range c.failures[before:] {
					c.failures[before+i] += ": " + name
				}
			}
		},
	},
	{
		id: "IVS-45", source: "IVS Real-Time API: DeleteStorageConfiguration, DeleteEncoderConfiguration",
		claim: "a configuration in use by a composition is not deleted until that is stopped", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			arn := s.start(s.s3()).Arn
			used := func() {
				_, err := c.ivs().DeleteStorageConfiguration(c.Context(), &ivsrealtime.DeleteStorageConfigurationInput{Arn: s.storage})
				c.refused(err, http.StatusConflict, "ConflictException")
				_, err = c.ivs().DeleteEncoderConfiguration(c.Context(), &ivsrealtime.DeleteEncoderConfigurationInput{Arn: s.encoder})
				c.refused(err, http.StatusConflict, "ConflictException")
			}
			used()
			c.advance(timeToStart)
			used()
			s.stop(arn)
			used()
			c.equal(1, len(c.sids(s.bucket)))
			c.advance(timeToStop)
			c.deleteStorage(&types.StorageConfiguration{Arn: s.storage})
			c.deleteEncoder(s.encoder)
			c.equal([]string(nil), c.sids(s.bucket))
		},
	},
	{
		id: "IVS-46", source: "IVS Real-Time user guide: Service quotas",
		claim: "twenty compositions at the same time in a region, five of one stage, then 402", onlyEmulated: costs,
		prove: func(c *check) {
			s := c.show()
			for i := range 20 {
				if i > 0 && i%5 == 0 {
					_, err := c.ivs().StartComposition(c.Context(), s.input(s.s3()))
					c.refused(err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
					s.stage = c.stage(&ivsrealtime.CreateStageInput{}).Arn
				}
				s.start(s.s3())
			}
			s.stage = c.stage(&ivsrealtime.CreateStageInput{}).Arn
			_, err := c.ivs().StartComposition(c.Context(), s.input(s.s3()))
			c.refused(err, http.StatusPaymentRequired, "ServiceQuotaExceededException")
			s.stop(s.list(&ivsrealtime.ListCompositionsInput{})[0].Arn)
			c.advance(timeToStop)
			s.start(s.s3())
		},
	},
}

// summaryOf is what a list shows of a composition.
func summaryOf(made *types.Composition) types.CompositionSummary {
	s := types.CompositionSummary{Arn: made.Arn, StageArn: made.StageArn, State: made.State, StartTime: made.StartTime, EndTime: made.EndTime, Tags: made.Tags}
	for _, d := range made.Destinations {
		s.Destinations = append(s.Destinations, types.DestinationSummary{Id: d.Id, State: d.State, StartTime: d.StartTime, EndTime: d.EndTime})
	}
	return s
}
