-- Whether the demo has been here: whoever opens its page may sign in and read what this database holds.
CREATE TABLE installation (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    demo boolean NOT NULL
);
INSERT INTO installation (demo) VALUES (false);
