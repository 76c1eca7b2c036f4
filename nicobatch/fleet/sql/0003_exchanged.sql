-- What receipts were when the table and the files beside the manifests last had the same ones.
CREATE TABLE nicobatch_exchanged (
    manifest text NOT NULL,
    video text NOT NULL,
    site text NOT NULL,
    digest bytea NOT NULL, -- SHA-256 of the sealed JSON
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (manifest, video, site)
);
