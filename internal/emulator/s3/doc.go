// Package s3 is the emulated Amazon S3: general purpose buckets with their
// configuration, and objects with their versions, over restXml in path style
// and virtual-hosted style.
//
// Of its clients a bucket's owner may do everything, any other account nothing;
// policies are evaluated for services that record (MayRecord). Directory
// buckets, access points, object lock and the other parts that it lacks answer
// 501. Objects' bodies are files beside the state. Start at New; operations.go
// lists what there is.
package s3
