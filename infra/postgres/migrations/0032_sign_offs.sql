-- Sign-offs: what people say who have looked at an answer, which the audit trail alone holds. audit_id: of the answer.
-- sentence: its number from 1; NULL: of the whole answer. signed_by: user:NAME, lower case.
CREATE TABLE sign_offs (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    audit_id uuid NOT NULL,
    sentence integer CHECK (sentence > 0),
    signed_by text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now(),
    verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected', 'changed')),
    words text NOT NULL
);
CREATE UNIQUE INDEX sign_offs_place ON sign_offs (audit_id, coalesce(sentence, 0), signed_by);
CREATE INDEX sign_offs_by ON sign_offs (signed_by);
