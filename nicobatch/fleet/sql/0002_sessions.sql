-- Sign-ins, each sealed by the fleet's key, which the database does not have.
CREATE TABLE nicobatch_sessions (
    site text NOT NULL,
    name text NOT NULL,
    sealed text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site, name)
);
