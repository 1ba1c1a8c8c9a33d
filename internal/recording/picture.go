package recording

import (
	"context"
	"fmt"
	"strings"
)

// judgePicture has the Viewer look at what was opened of the first rendition,
// one segment after the other. A recording may begin in black, and so it is
// black only if nothing else is seen.
func (i *inspection) judgePicture(ctx context.Context) {
	if i.want.Viewer == nil {
		return
	}
	var told []string
	seen := false
	for _, o := range i.renditions[0].opened {
		if o.media.Video == nil || o.media.Video.Frames == 0 {
			continue
		}
		p, err := i.want.Viewer(ctx, o.media.Container, o.bytes)
		switch {
		case err != nil:
			i.troubled(CheckPicture, &trouble{NotProven, o.URI + " could not be decoded", err})
			continue
		case p.Decoded == 0:
			i.found(CheckPicture, NotProven, "%s: no picture was decoded", o.URI)
			continue
		}
		text := fmt.Sprintf("%s: something to see in %d of %s", o.URI, p.Decoded-p.Empty, count(p.Decoded, "picture"))
		if p.Empty >= p.Decoded {
			text = fmt.Sprintf("%s: %s, black or of one shade", o.URI, count(p.Decoded, "picture"))
		}
		seen = seen || p.Empty < p.Decoded
		told = append(told, text)
	}
	switch evidence := strings.Join(told, "; "); {
	case len(told) == 0:
	case seen:
		i.found(CheckPicture, Pass, "%s", evidence)
	default:
		i.found(CheckPicture, Fail, "%s", evidence)
	}
}
