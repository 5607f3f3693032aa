-- Whether a review asks for strict answers. Those of before asked for none.
ALTER TABLE reviews ADD COLUMN strict boolean NOT NULL DEFAULT false;
