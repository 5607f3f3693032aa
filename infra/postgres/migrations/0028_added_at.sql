-- Lists say, and are sorted by, since when there is a version that the reader may read: nothing asks for this any more.

DROP INDEX documents_created;
