package ffmpeg

// Within is At with another limit.
var Within = within
