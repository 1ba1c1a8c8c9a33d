package s3

import (
	"slices"
	"strings"

	"github.com/yolo-live/yolo/internal/emulator/policydoc"
)

// bucketActions and objectActions are the actions that a bucket policy may
// name, by what they are about (service authorization reference, S3).
var (
	bucketActions = strings.Fields(`
		s3:CreateBucket s3:DeleteBucket s3:DeleteBucketPolicy s3:DeleteBucketWebsite s3:GetAccelerateConfiguration
		s3:GetAnalyticsConfiguration s3:GetBucketAbac s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLocation s3:GetBucketLogging
		s3:GetBucketMetadataTableConfiguration s3:GetBucketNotification s3:GetBucketObjectLockConfiguration
		s3:GetBucketOwnershipControls s3:GetBucketPolicy s3:GetBucketPolicyStatus s3:GetBucketPublicAccessBlock
		s3:GetBucketRequestPayment s3:GetBucketTagging s3:GetBucketVersioning s3:GetBucketWebsite
		s3:GetEncryptionConfiguration s3:GetIntelligentTieringConfiguration s3:GetInventoryConfiguration
		s3:GetLifecycleConfiguration s3:GetMetricsConfiguration s3:GetReplicationConfiguration s3:ListBucket
		s3:ListBucketMultipartUploads s3:ListBucketVersions s3:ListTagsForResource s3:PutAccelerateConfiguration
		s3:PutAnalyticsConfiguration s3:PutBucketAbac s3:PutBucketAcl s3:PutBucketCORS s3:PutBucketLogging
		s3:PutBucketNotification s3:PutBucketObjectLockConfiguration s3:PutBucketOwnershipControls s3:PutBucketPolicy
		s3:PutBucketPublicAccessBlock s3:PutBucketRequestPayment s3:PutBucketTagging s3:PutBucketVersioning
		s3:PutBucketWebsite s3:PutEncryptionConfiguration s3:PutIntelligentTieringConfiguration
		s3:PutInventoryConfiguration s3:PutLifecycleConfiguration s3:PutMetricsConfiguration
		s3:PutReplicationConfiguration s3:TagResource s3:UntagResource`)
	objectActions = strings.Fields(`
		s3:AbortMultipartUpload s3:BypassGovernanceRetention s3:DeleteObject s3:DeleteObjectTagging s3:DeleteObjectVersion
		s3:DeleteObjectVersionTagging s3:GetObject s3:GetObjectAcl s3:GetObjectAttributes s3:GetObjectLegalHold
		s3:GetObjectRetention s3:GetObjectTagging s3:GetObjectTorrent s3:GetObjectVersion s3:GetObjectVersionAcl
		s3:GetObjectVersionAttributes s3:GetObjectVersionForReplication s3:GetObjectVersionTagging
		s3:GetObjectVersionTorrent s3:InitiateReplication s3:ListMultipartUploadParts
		s3:ObjectOwnerOverrideToBucketOwner s3:PutObject s3:PutObjectAcl s3:PutObjectLegalHold s3:PutObjectRetention
		s3:PutObjectTagging s3:PutObjectVersionAcl s3:PutObjectVersionTagging s3:ReplicateDelete s3:ReplicateObject
		s3:ReplicateTags s3:RestoreObject s3:UpdateObjectEncryption`)
)

// actionLevels tells whether an action, which may hold wildcards, names an
// action of buckets and one of objects.
func actionLevels(action string) (ofBuckets, ofObjects bool) {
	names := func(list []string) bool {
		return slices.ContainsFunc(list, func(known string) bool { return policydoc.MatchesAction(action, known) })
	}
	return names(bucketActions), names(objectActions)
}

func knownAction(action string) bool {
	ofBuckets, ofObjects := actionLevels(action)
	return ofBuckets || ofObjects
}
