-- Of records that were written again to seal what they say: the hash that each had before, and its leaf, which older
-- checkpoints of witnesses still name.
CREATE TABLE audit_resealed (
    seq bigint PRIMARY KEY,
    hash bytea NOT NULL,
    leaf bytea NOT NULL
);
CREATE INDEX audit_unsealed_idx ON audit (seq) WHERE position('"sealing":1' IN record) = 0;
