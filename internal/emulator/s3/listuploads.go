package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

type listedPart struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
}

type partList struct {
	XMLName              xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	Initiator, Owner     owner
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Parts                []listedPart `xml:"Part"`
	StorageClass         string
}

func (s *Service) listParts(c *call) (*wire.Response, error) {
	limit, err := c.number("max-parts", maxPage, 0, maxPage)
	if err != nil {
		return nil, err
	}
	marker, err := c.number("part-number-marker", 0, 0, maxPartNumber)
	if err != nil {
		return nil, err
	}
	id := owner{canonicalID(c.Account)}
	list := partList{
		Bucket: c.bucket, Key: c.key, UploadID: c.query.Get("uploadId"), Initiator: id, Owner: id,
		PartNumberMarker: marker, MaxParts: limit,
	}
	err = s.view(c, func(tx *store.Tx, _ Bucket) error {
		m, err := c.upload(tx)
		if err != nil {
			return err
		}
		list.StorageClass = m.Version.Class
		for _, p := range c.parts(tx) {
			if p.Number <= marker {
				continue
			}
			if len(list.Parts) == limit {
				list.IsTruncated = true
				break
			}
			list.NextPartNumberMarker = p.Number
			list.Parts = append(list.Parts, listedPart{p.Number, timestamp(p.Modified), `"` + p.ETag + `"`, p.Size})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, list)
}

type listedUpload struct {
	Key              string
	UploadID         string `xml:"UploadId"`
	Initiator, Owner owner
	StorageClass     string
	Initiated        string
}

type uploadList struct {
	XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Uploads            []listedUpload `xml:"Upload"`
}

// listMultipartUploads lists uploads by key, and by id where a key has several.
func (s *Service) listMultipartUploads(c *call) (*wire.Response, error) {
	if c.query.Get("delimiter") != "" {
		return nil, notImplemented("delimiter")
	}
	l, err := c.listing()
	if err != nil {
		return nil, err
	}
	if l.limit, err = c.number("max-uploads", maxPage, 1, maxPage); err != nil {
		return nil, err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("upload-id-marker")
	list := uploadList{
		Bucket: c.bucket, KeyMarker: l.text(keyMarker), UploadIDMarker: idMarker,
		Prefix: l.text(l.prefix), EncodingType: l.encoding(), MaxUploads: l.limit,
	}
	from := ""
	if keyMarker != "" {
		from = store.Key(c.bucket, keyMarker, firstOf(idMarker, "~"))
	}
	id := owner{canonicalID(c.Account)}
	err = s.view(c, func(tx *store.Tx, b Bucket) error {
		for at, m := range store.Scan[multipart](tx, tableUploads, store.Key(b.Name, l.prefix), from) {
			key := l.text(store.Split(at)[1])
			if len(list.Uploads) == l.limit {
				list.IsTruncated = true
				last := list.Uploads[l.limit-1]
				list.NextKeyMarker, list.NextUploadIDMarker = last.Key, last.UploadID
				break
			}
			list.Uploads = append(list.Uploads, listedUpload{key, m.ID, id, id, m.Version.Class, timestamp(m.Started)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, list)
}
