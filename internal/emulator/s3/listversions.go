package s3

import (
	"encoding/xml"
	"iter"
	"net/http"

	"github.com/yolo-live/yolo/internal/emulator/store"
	"github.com/yolo-live/yolo/internal/emulator/wire"
)

// listedVersion is a Version or a DeleteMarker, which come mixed.
type listedVersion struct {
	XMLName           xml.Name
	Key               string
	VersionID         string `xml:"VersionId"`
	IsLatest          bool
	LastModified      string
	ETag              string `xml:",omitempty"`
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              *int64 `xml:",omitempty"`
	StorageClass      string `xml:",omitempty"`
	Owner             owner
}

type versionList struct {
	XMLName             xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
	Name                string
	Prefix              string
	KeyMarker           string
	VersionIDMarker     string `xml:"VersionIdMarker"`
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys             int
	Delimiter           string `xml:",omitempty"`
	EncodingType        string `xml:",omitempty"`
	IsTruncated         bool
	Versions            []listedVersion
	CommonPrefixes      []commonPrefix
}

func (s *Service) listObjectVersions(c *call) (*wire.Response, error) {
	l, err := c.listing()
	if err != nil {
		return nil, err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("version-id-marker")
	if idMarker != "" && keyMarker == "" {
		return nil, invalidArgument("version-id-marker", idMarker, "A version-id marker cannot be specified without a key marker.")
	}
	if idMarker != "" && !versionForm.MatchString(idMarker) {
		return nil, invalidArgument("version-id-marker", idMarker, "Invalid version id specified")
	}
	list := versionList{
		Name: c.bucket, Prefix: l.text(l.prefix), KeyMarker: l.text(keyMarker), VersionIDMarker: idMarker,
		MaxKeys: l.limit, Delimiter: l.text(l.delimiter), EncodingType: l.encoding(),
	}
	err = s.view(c, func(tx *store.Tx, b Bucket) error {
		from := versionPlace(tx, b.Name, keyMarker, idMarker)
		p := l.collect(func(row string) iter.Seq[entry] { return versions(tx, b.Name, l.prefix, row) }, b.Name, from, keyMarker)
		list.IsTruncated = p.truncated
		for _, e := range p.entries {
			if e.latest && e.key == keyMarker { // the scan may have begun in the middle of the key
				newest, _ := current(tx, b.Name, e.key)
				e.latest = newest.ID == e.version.ID
			}
			list.add(l, b, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, list)
}

// versionPlace is the row that the listing goes on after.
func versionPlace(tx *store.Tx, bucket, key, id string) string {
	switch {
	case key == "":
		return ""
	case id == "":
		return store.Key(bucket, key, "~")
	default:
		return placeAfter(tx, bucket, key, id)
	}
}

// add adds an entry. The last one added is where the next page begins.
func (list *versionList) add(l listing, b Bucket, e entry) {
	if list.IsTruncated {
		list.NextKeyMarker, list.NextVersionIDMarker = l.text(e.key), e.version.ID
	}
	if e.common {
		list.CommonPrefixes = append(list.CommonPrefixes, commonPrefix{l.text(e.key)})
		return
	}
	v := listedVersion{
		XMLName: xml.Name{Local: "DeleteMarker"}, Key: l.text(e.key), VersionID: e.version.ID, IsLatest: e.latest,
		LastModified: timestamp(e.version.Modified), Owner: owner{canonicalID(b.Account)},
	}
	if !e.version.Marker {
		v.XMLName.Local = "Version"
		v.ETag, v.Size, v.StorageClass = `"`+e.version.ETag+`"`, &e.version.Size, e.version.Class
		v.ChecksumAlgorithm, v.ChecksumType = l.object(e).ChecksumAlgorithm, e.version.checksumType()
	}
	list.Versions = append(list.Versions, v)
}
