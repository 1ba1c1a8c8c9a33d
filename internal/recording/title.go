package recording

// Title says in a sentence what is so if the check passes.
func (c Check) Title() string { return titles[c] }

var titles = map[Check]string{
	CheckOutcome:   "IVS says that the recording ended well",
	CheckDuration:  "It is as long as the show",
	CheckPlaylists: "Its playlists can be read and are closed",
	CheckSegments:  "Every segment is there",
	CheckOwner:     "Every segment belongs to this account",
	CheckContainer: "The segments are whole",
	CheckVideo:     "The video has the encoder's size",
	CheckFrames:    "No picture is missing",
	CheckAudio:     "There is sound",
	CheckTimes:     "Nothing is missing between the segments",
	CheckPicture:   "The picture is not black",
}

// Converted tells in a clause what MediaConvert, which many pipelines go on
// with, makes of the recording's form, and why.
func (r *Report) Converted() string {
	takes, reason := r.MediaConvert()
	if !takes {
		return "MediaConvert does not take it: " + reason
	}
	return "MediaConvert takes it " + reason
}
