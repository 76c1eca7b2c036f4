-- What files in a store were when they were fetched to be looked into: those are not fetched again
-- for that while the store tells the same of them.
CREATE TABLE nicobatch_stored (
    address text PRIMARY KEY, -- s3://BUCKET/KEY
    stamp text NOT NULL, -- ETag, bytes, time and version, as the store told them
    sha256 text NOT NULL,
    media text NOT NULL, -- what the look found, as JSON
    at timestamptz NOT NULL DEFAULT now()
);
