-- What persons and groups may ask and use in a day (UTC), and what they have; subject: user:NAME, group:NAME, or everyone.
CREATE TABLE budgets (
    subject text PRIMARY KEY,
    questions bigint CHECK (questions >= 0),
    tokens bigint CHECK (tokens >= 0),
    CHECK (questions IS NOT NULL OR tokens IS NOT NULL)
);
CREATE TABLE budget_use (
    subject text NOT NULL,
    day date NOT NULL,
    questions bigint NOT NULL,
    tokens bigint NOT NULL,
    PRIMARY KEY (subject, day)
);
