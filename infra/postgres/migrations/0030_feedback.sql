-- What people say of answers, and which answers rest on a version of which something has become since.

-- audit_id: of the answer, of which nothing else is here. owner: user:NAME, lower case. sentence: its number from 1, 0: the
-- answer as a whole. document_id and version (as it is stored), start_offset and end_offset: the passage that should have been
-- cited. review: what the reviewer says.
CREATE TABLE feedback (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    audit_id uuid NOT NULL,
    owner text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('right', 'wrong', 'incomplete', 'wrong_source')),
    sentence integer NOT NULL CHECK (sentence >= 0),
    words text NOT NULL,
    document_id uuid,
    version integer,
    start_offset integer,
    end_offset integer,
    given_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected', 'golden')),
    review text NOT NULL DEFAULT '',
    reviewed_by text,
    reviewed_at timestamptz,
    UNIQUE (audit_id, owner, sentence),
    CHECK (num_nulls(document_id, version, start_offset, end_offset) IN (0, 4)),
    CHECK (start_offset < end_offset)
);
CREATE INDEX feedback_state ON feedback (state, number);
CREATE INDEX feedback_owner ON feedback (owner, number);
CREATE INDEX feedback_document ON feedback (document_id) WHERE document_id IS NOT NULL;

-- Versions (0: all of the document) that somebody has found to be wrong.
CREATE TABLE wrong_versions (
    document_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 0),
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, version)
);

-- Answers that rest on a version which was superseded, deleted, erased or found wrong. owner: who asked, user:NAME in lower
-- case, '' where that cannot be told any more. as_of: of which day the answer is; a later version changes nothing of it.
-- by_version: that holds since. seen_at: when its owner was told; seen_version: of which newer version. asked_again: the
-- answer that took its place.
CREATE TABLE answer_marks (
    audit_id uuid NOT NULL,
    document_id uuid NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL CHECK (reason IN ('superseded', 'deleted', 'erased', 'wrong')),
    owner text NOT NULL,
    asked_at timestamptz NOT NULL,
    as_of date,
    at timestamptz NOT NULL,
    by_version integer,
    seen_at timestamptz,
    seen_version integer,
    asked_again uuid,
    PRIMARY KEY (audit_id, document_id, version, reason)
);
CREATE INDEX answer_marks_owner ON answer_marks (owner, asked_at, audit_id);
CREATE INDEX answer_marks_asked ON answer_marks (asked_at, audit_id);
CREATE INDEX answer_marks_document ON answer_marks (document_id, version);

-- One row: up to which generation of the catalog, and up to which record of the trail, answers are marked. Records come first:
-- they are compared with the catalog as it is then.
CREATE TABLE answers_marked (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    generation bigint NOT NULL,
    seq bigint NOT NULL
);
INSERT INTO answers_marked (generation, seq) SELECT generation, 0 FROM catalog_generation;
