package bucket

// Within is Bucket.List of at most so many objects.
var Within = Bucket.list
