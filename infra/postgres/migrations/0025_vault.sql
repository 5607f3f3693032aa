-- Of records that were written again to seal what they say: the hash that each had before, and its leaf, which older
-- checkpoints of witnesses still name. round: which time it was, from 1.
CREATE TABLE audit_resealed (
    seq bigint NOT NULL,
    round integer NOT NULL,
    hash bytea NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (seq, round)
);
CREATE INDEX audit_unsealed_idx ON audit (seq) WHERE position('"sealing":1' IN record) = 0;
