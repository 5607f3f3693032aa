-- Reviews: the same questions over many documents, a cell for each question and document. Answers stay in the trail.

-- owner: user:NAME, lower case. tokens: what the credential that it was begun or resumed with vouched for; key_id: of the
-- API key, where it was one. live: cells are computed anew when their document gets a new version; checked: up to which
-- generation of the catalog they were looked at. due_at: until when nothing of it is begun. served_at: when a cell of it
-- was last begun. event counts what has changed in it.
CREATE TABLE reviews (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    owner text NOT NULL,
    tokens text[] NOT NULL,
    key_id text,
    title text NOT NULL,
    questions text[] NOT NULL,
    as_of date,
    live boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    cancelled_at timestamptz,
    due_at timestamptz NOT NULL DEFAULT now(),
    served_at timestamptz,
    checked bigint NOT NULL DEFAULT -1,
    event bigint NOT NULL DEFAULT 0
);
CREATE INDEX reviews_owner ON reviews (owner, number);

CREATE TABLE review_documents (
    review_id uuid NOT NULL REFERENCES reviews ON DELETE CASCADE,
    number integer NOT NULL,
    document_id uuid NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (review_id, number),
    UNIQUE (review_id, document_id)
);
CREATE INDEX review_documents_document ON review_documents (document_id);

-- number: of the document, question: 1.. of the review's. version: that its answer was asked of. attempt: how often it was
-- begun; tries: since it was last asked for; lost: how often the process that had begun it died. A running one whose
-- leased_until is past is begun again. event: that of the review with which it last changed.
CREATE TABLE review_cells (
    review_id uuid NOT NULL,
    number integer NOT NULL,
    question integer NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'answered', 'partial', 'not_found', 'failed', 'absent')),
    code text NOT NULL DEFAULT '',
    audit_id uuid,
    version integer,
    attempt integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0,
    lost integer NOT NULL DEFAULT 0,
    leased_until timestamptz,
    computed_at timestamptz,
    event bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (review_id, number, question),
    FOREIGN KEY (review_id, number) REFERENCES review_documents ON DELETE CASCADE
);
CREATE INDEX review_cells_open ON review_cells (review_id, number, question) WHERE state IN ('waiting', 'running');
CREATE INDEX review_cells_event ON review_cells (review_id, event);
CREATE INDEX review_cells_answer ON review_cells (audit_id) WHERE audit_id IS NOT NULL;
