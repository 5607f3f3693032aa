-- With whom a review is shared, and what of their document its cells rest on. Owners are compared in lower case everywhere.

-- principal: user:NAME or group:NAME.
CREATE TABLE review_shares (
    review_id uuid NOT NULL REFERENCES reviews ON DELETE CASCADE,
    principal text NOT NULL,
    PRIMARY KEY (review_id, principal)
);
CREATE INDEX review_shares_principal ON review_shares (principal);

-- The versions of its document that the answer quotes or names; NULL where that is not known: nobody but the owner sees it.
ALTER TABLE review_cells ADD COLUMN rests_on integer[];

UPDATE conversations SET owner = lower(owner) WHERE owner <> lower(owner);
