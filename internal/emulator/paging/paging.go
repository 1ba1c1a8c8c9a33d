// Package paging cuts lists into pages and makes the tokens that continue
// them, as AWS's list operations do: a token is good only for the request
// that it was given for.
//
// It holds no state: a token carries the last key of its page. Start at Take.
package paging

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"iter"
)

// Take returns the first limit items of a scan and the key to continue after;
// "" when there are no more.
func Take[T any](scan iter.Seq2[string, T], limit int) (items []T, after string) {
	items = []T{}
	last := ""
	for key, item := range scan {
		if len(items) == limit {
			return items, last
		}
		items = append(items, item)
		last = key
	}
	return items, ""
}

// Token makes the token that continues the list that query describes after a
// key. After "" there is nothing more, and no token.
func Token(query, after string) string {
	if after == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(sum(query, after), after...))
}

// After returns the key that a token continues after: "" for no token, and
// not ok for a token that was made for another query or not by Token.
func After(query, token string) (after string, ok bool) {
	if token == "" {
		return "", true
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= crc32.Size {
		return "", false
	}
	after = string(raw[crc32.Size:])
	return after, string(raw[:crc32.Size]) == string(sum(query, after))
}

func sum(query, after string) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(query+"\x00"+after)))
}
