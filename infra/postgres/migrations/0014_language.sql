-- language: of the version's words, a BCP 47 code, "und" where none can be told, NULL where nobody has looked yet.
-- language_set: a person said so, and looking again changes nothing.
ALTER TABLE versions ADD COLUMN language text;
ALTER TABLE versions ADD COLUMN language_set boolean NOT NULL DEFAULT false;
