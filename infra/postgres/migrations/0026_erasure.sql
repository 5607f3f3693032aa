-- What was erased, without a name of it. subjects: ids of documents, or the pseudonym of a person. indices: of the keys of
-- the trail that are destroyed. originals: hashes that are still to be looked for in the blob folder, {} once it is done.
-- counts: what was done, by table.column or store. asked_by, copies_until: as the receipt has them.
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('document', 'person')),
    subjects text[] NOT NULL,
    indices text[] NOT NULL,
    originals text[] NOT NULL,
    counts jsonb NOT NULL,
    asked_by text NOT NULL,
    copies_until date NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);

-- Items of sources whose documents were erased, so that no sync brings them back. mark: the keyed hash of the item's key,
-- or of its bytes.
CREATE TABLE erased_items (
    connector text NOT NULL REFERENCES connectors ON DELETE CASCADE,
    mark text NOT NULL,
    PRIMARY KEY (connector, mark)
);

-- What must be kept, whoever asks for what. subject: a document's id, a user's name, or a collection.
CREATE TABLE holds (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('document', 'person', 'collection')),
    subject text NOT NULL,
    reason text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz
);
CREATE UNIQUE INDEX holds_placed ON holds (kind, subject) WHERE lifted_at IS NULL;

-- Documents that a hold keeps: named themselves, by a part or by what they are a part of, in a held collection, or of a
-- held person.
CREATE VIEW held_documents AS
SELECT d.id AS document_id, h.id AS hold FROM documents d JOIN holds h ON h.lifted_at IS NULL AND (
    (h.kind = 'person' AND lower(d.owner) = lower(h.subject))
    OR (h.kind = 'document' AND (
        h.subject IN (d.id::text, d.parent_id::text)
        OR EXISTS (SELECT FROM documents part WHERE part.parent_id = d.id AND part.id::text = h.subject)
    ))
    OR (h.kind = 'collection' AND EXISTS (
        SELECT FROM collection_documents c WHERE c.document_id IN (d.id, d.parent_id) AND c.collection = h.subject
    ))
);

-- Versions of held documents that a new document of the same name has taken the place of.
CREATE TABLE held_versions (
    document_id uuid NOT NULL,
    version integer NOT NULL,
    source text NOT NULL,
    title text NOT NULL,
    media_type text NOT NULL,
    content_sha256 text NOT NULL,
    text text NOT NULL,
    owner text,
    label text[] NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (document_id, version)
);
CREATE INDEX held_versions_content ON held_versions (content_sha256);

-- For how many days what is kept of each class; without a row as documented. ran_at: when it was last carried out.
CREATE TABLE retention (
    class text PRIMARY KEY CHECK (class IN ('trail', 'keys', 'people')),
    days integer NOT NULL CHECK (days > 0),
    ran_at timestamptz
);
