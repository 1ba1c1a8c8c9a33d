package resource

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/manifest"
	"github.com/yolo-live/yolo/internal/policy"
	"github.com/yolo-live/yolo/internal/reconcile"
)

// The links of recording.
var (
	linkBucket       = name{"bucket", "The bucket is there, and ours"}
	linkBucketRegion = name{"bucket-region", "The bucket is in the stage's region"}
	linkOwnership    = name{"object-ownership", "Its object ownership takes IVS's recordings"}
	linkEncryption   = name{"encryption", "Its default encryption is SSE-S3"}
	linkWriteAccess  = name{"write-access", "Its policy lets IVS write"}
	linkStorage      = name{"storage-configuration", "The storage configuration names this bucket"}
	linkEncoder      = name{"encoder-configuration", "The encoder configuration is the manifest's"}
	linkAppEnv       = name{LinkAppEnv, "The app uses this bucket and these configurations"}
)

// LinkAppEnv is the ID of the link that an app's own variables are.
const LinkAppEnv = "env-file"

func (l *linking) recording() Chain {
	if e := l.wish.Env; !e.Recording.Enabled {
		return Chain{Region: l.region, Feature: FeatureRecording, Skipped: e.Recording.SkipReason}
	}
	l.ivs()
	l.bucket()
	l.storage()
	l.encoder()
	l.appEnv()
	return l.chain(FeatureRecording)
}

// bucket adds what IVS needs of the bucket (RealTimeUserGuide, composite
// recording and individual recording).
func (l *linking) bucket() {
	n := l.there(linkBucket, bucketKey(bucketRegionOf(l.wish.Env, l.region)))
	if n == nil {
		l.moot(linkBucketRegion, linkOwnership, linkEncryption, linkWriteAccess)
		return
	}
	l.holds(linkBucket, n.Name, fmt.Sprintf("%s is there and belongs to this account", n.Name))
	if in := n.Outputs[outRegion]; in == l.region {
		l.holds(linkBucketRegion, in, "the bucket is in "+in)
	} else {
		l.broken(linkBucketRegion, "its bucket is in "+in, ownBucketLine(l.wish.Env, l.region))
	}
	l.ownership(n)
	l.encryption(n)
	l.writeAccess(n)
}

func (l *linking) ownership(n *reconcile.NodeReport) {
	if differs(n, "object-ownership") {
		l.broken(linkOwnership, "the bucket's object ownership does not let recordings in", "")
		return
	}
	l.holds(linkOwnership, n.Outputs[outOwnership], "it is "+n.Outputs[outOwnership])
}

func (l *linking) encryption(n *reconcile.NodeReport) {
	switch encryption := n.Outputs[outEncryption]; encryption {
	case "", "AES256":
		l.holds(linkEncryption, "AES256", "new objects are encrypted with SSE-S3")
	case notRead:
		l.doubtful(linkEncryption, "the bucket's default encryption could not be looked at", "allow s3:GetEncryptionConfiguration", nil)
	default:
		l.broken(linkEncryption, fmt.Sprintf("the bucket's default encryption is %s, not SSE-S3", encryption), "set the bucket's default encryption to SSE-S3")
	}
}

func (l *linking) writeAccess(n *reconcile.NodeReport) {
	document, err := policy.Parse(n.Outputs[outPolicy])
	if err != nil {
		l.doubtful(linkWriteAccess, "the bucket policy could not be read", hintOf(err), err)
		return
	}
	const theirs = "change that statement in the bucket policy; yolo leaves statements of others as they are"
	switch v := policy.AllowsRecording(document, n.Name, l.region); {
	case v.Denied:
		l.broken(linkWriteAccess, "in the bucket policy "+v.Reason, theirs)
	case !v.Allowed:
		l.broken(linkWriteAccess, "the bucket policy does not let IVS write", "")
	case v.Uncertain:
		l.doubtful(linkWriteAccess, "in the bucket policy "+doubtIn(v.Reason), theirs, nil)
		l.last().Fact = weighed(document, v.Sids)
	default:
		l.holds(linkWriteAccess, weighed(document, v.Sids), fmt.Sprintf("%s, by %s", v.Reason, strings.Join(v.Sids, " and ")))
	}
}

// weighed are the statements that a verdict rests on: those that grant, and
// every Deny.
func weighed(document *policy.Document, sids []string) string {
	var all []string
	for i, s := range document.Statements() {
		sid := s.Sid()
		if sid == "" {
			sid = fmt.Sprintf("#%d", i+1)
		}
		if s.View().Effect == "Deny" || slices.Contains(sids, sid) {
			all = append(all, s.String())
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (l *linking) storage() {
	n := l.there(linkStorage, storageKey(l.region))
	if n == nil || l.unsettled(linkStorage, n) {
		return
	}
	l.holds(linkStorage, n.ARN, n.ARN)
}

func (l *linking) encoder() {
	n := l.there(linkEncoder, encoderKey(l.region))
	if n == nil || l.unsettled(linkEncoder, n) {
		return
	}
	video := videoText(l.wish.Env.Recording.Encoder)
	l.holds(linkEncoder, n.ARN+" "+video, fmt.Sprintf("%s: %s", n.ARN, video))
}

// appEnv adds what the app's own variables name, if they were looked at.
func (l *linking) appEnv() {
	if l.app == nil {
		return
	}
	broken, odd := l.appFindings()
	switch {
	case len(broken) > 0:
		l.broken(linkAppEnv, strings.Join(broken, "; "), "")
	case len(odd) > 0:
		l.doubtful(linkAppEnv, strings.Join(odd, "; "), "", nil)
	default:
		l.holds(linkAppEnv, "", l.app.File+" names just these")
	}
}

// appFindings are those on the region's variables, and on those that all
// regions of a shared bucket have in common.
func (l *linking) appFindings() (broken, odd []string) {
	shared := l.wish.Env.Recording.Layout == manifest.Shared
	for _, f := range l.app.Findings {
		if f.Region != l.region && (!shared || f.Region != l.wish.Env.Regions[0] || f.Name != envBucket) {
			continue
		}
		at := l.app.File
		if f.Line > 0 {
			at += fmt.Sprintf(":%d", f.Line)
		}
		text := fmt.Sprintf("%s: %s: %s", at, f.Name, f.Text)
		if f.Code == CodeOddForm {
			odd = append(odd, text)
		} else {
			broken = append(broken, text)
		}
	}
	return broken, odd
}
