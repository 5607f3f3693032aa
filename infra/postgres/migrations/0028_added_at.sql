-- Lists say, and are sorted by, since when there is a version that the reader may read: nothing asks for this any more.

DROP INDEX documents_created;

-- A later version without a day has held from the day that it was added. It is told as if that had been given: else the
-- day of one without any would say that there is an earlier version.

UPDATE versions SET document_date = effective::text WHERE document_date IS NULL AND effective > date '0001-01-01';
