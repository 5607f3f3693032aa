-- Questions that go on from each other, kept for whoever asked them. What was asked and answered is in the trail alone.

CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    owner text NOT NULL,
    title text NOT NULL DEFAULT '',
    matter text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX conversations_owner ON conversations (owner, updated_at DESC, id DESC);

CREATE TABLE conversation_answers (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    audit_id uuid NOT NULL,
    carried integer[] NOT NULL DEFAULT '{}',
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (conversation_id, number)
);
CREATE INDEX conversation_answers_audit ON conversation_answers (audit_id);

CREATE TABLE conversation_shares (
    conversation_id uuid NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    principal text NOT NULL,
    PRIMARY KEY (conversation_id, number, principal)
);
CREATE INDEX conversation_shares_principal ON conversation_shares (principal);
