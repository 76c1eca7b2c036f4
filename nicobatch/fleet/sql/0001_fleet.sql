-- Accounts, each of one site, and of each site one origin: the real one, or a sandbox.
CREATE TABLE nicobatch_accounts (
    id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    site text NOT NULL,
    name text NOT NULL,
    origin text NOT NULL,
    epoch bigint NOT NULL DEFAULT 0, -- raised by each turn, and by whoever takes one away
    paused_at timestamptz, -- by a person
    due_at timestamptz, -- when the next turn is to be; NULL: there is nothing to do
    failures integer NOT NULL DEFAULT 0, -- turns in a row that could not go on
    blocked text NOT NULL DEFAULT '', -- why; empty while the account can publish
    hint text NOT NULL DEFAULT '',
    UNIQUE (site, name)
);

CREATE INDEX nicobatch_accounts_due ON nicobatch_accounts (due_at)
WHERE due_at IS NOT NULL AND paused_at IS NULL;

-- What is to be published, as `enqueue` has checked it.
CREATE TABLE nicobatch_videos (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    account_id integer NOT NULL REFERENCES nicobatch_accounts,
    manifest text NOT NULL, -- its absolute path
    video text NOT NULL,
    site text NOT NULL,
    content bytea NOT NULL, -- SHA-256 of its file or files
    checked text NOT NULL,
    state text NOT NULL CHECK (state IN ('due', 'done', 'failed', 'refused')),
    not_before timestamptz NOT NULL DEFAULT now(),
    failures integer NOT NULL DEFAULT 0, -- in a row
    message text NOT NULL DEFAULT '', -- of its last end
    hint text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now(), -- of the last change of the row
    UNIQUE (manifest, video, site)
);

CREATE INDEX nicobatch_videos_due ON nicobatch_videos (account_id, not_before)
WHERE state = 'due';

CREATE INDEX nicobatch_videos_content ON nicobatch_videos (account_id, content);

-- The journal: a row a video and site, also of what no manifest names any more.
CREATE TABLE nicobatch_receipts (
    manifest text NOT NULL,
    video text NOT NULL,
    site text NOT NULL,
    account_id integer NOT NULL REFERENCES nicobatch_accounts,
    content bytea NOT NULL,
    remote_id text, -- what the site calls the video
    begun boolean NOT NULL,
    deleted boolean NOT NULL,
    attempt integer NOT NULL,
    own boolean NOT NULL, -- whether the fleet itself came to know the remote id
    receipt text NOT NULL, -- the sealed JSON
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (manifest, video, site)
);

CREATE INDEX nicobatch_receipts_content ON nicobatch_receipts (account_id, content)
WHERE begun AND NOT deleted;

CREATE INDEX nicobatch_receipts_remote ON nicobatch_receipts (site, remote_id)
WHERE remote_id IS NOT NULL;

-- How fast a site may be asked: by account, or with no account by the address that asks.
CREATE TABLE nicobatch_paces (
    site text NOT NULL,
    origin text NOT NULL,
    account text NOT NULL,
    address text NOT NULL,
    until timestamptz, -- nothing is asked before
    why text NOT NULL DEFAULT '',
    hint text NOT NULL DEFAULT '',
    spent text NOT NULL DEFAULT '{}', -- by kind of request, when each left
    PRIMARY KEY (site, origin, account, address)
);
