-- A dashboard's queries, for Grafana or whatever else reads PostgreSQL; a user that may read is enough.
-- `nicobatch fleet status --format metrics` has the same for Prometheus.

-- Accounts, by what holds of them.
SELECT site,
    CASE
        WHEN paused_at IS NOT NULL THEN 'paused'
        WHEN blocked <> '' THEN 'blocked'
        WHEN EXISTS (
            SELECT FROM nicobatch_paces AS pace
            WHERE pace.site = account.site AND pace.origin = account.origin
                AND pace.account = account.name AND until > now()
        ) THEN 'parked'
        WHEN EXISTS (
            SELECT FROM procrastinate_jobs AS job
            WHERE job.lock = account.site || '/' || account.name AND status = 'doing'
        ) THEN 'working'
        WHEN due_at <= now() THEN 'due'
        ELSE 'idle'
    END AS state,
    count(*) AS accounts
FROM nicobatch_accounts AS account
GROUP BY 1, 2
ORDER BY 1, 2;

-- Videos, by what became of them.
SELECT site, state, count(*) AS videos
FROM nicobatch_videos
GROUP BY 1, 2
ORDER BY 1, 2;

-- Videos done in each hour of the last day.
SELECT date_trunc('hour', at) AS hour, site, count(*) AS videos
FROM nicobatch_videos
WHERE state = 'done' AND at > now() - interval '1 day'
GROUP BY 1, 2
ORDER BY 1, 2;

-- For how many seconds the oldest video that could go has waited.
SELECT site, extract(epoch FROM now() - min(not_before)) AS seconds
FROM nicobatch_videos
WHERE state = 'due' AND not_before <= now()
GROUP BY 1
ORDER BY 1;

-- The accounts for which most videos wait.
SELECT account.site, account.name, count(*) AS videos, min(not_before) AS since
FROM nicobatch_videos AS video JOIN nicobatch_accounts AS account ON account.id = account_id
WHERE state = 'due' AND not_before <= now()
GROUP BY 1, 2
ORDER BY 3 DESC
LIMIT 20;

-- Accounts that can't publish until a person acts, and what to do.
SELECT site, name, blocked AS why, hint, due_at AS tried_again_at
FROM nicobatch_accounts
WHERE blocked <> ''
ORDER BY 1, 2;

-- Who is not to ask a site for some time: an account, or all who ask from an address.
SELECT site, account, address, until, why, hint
FROM nicobatch_paces
WHERE until > now()
ORDER BY until;

-- Videos that are not tried again until they are enqueued again, and why.
SELECT site, manifest, video, state, message AS why, hint, at
FROM nicobatch_videos
WHERE state IN ('failed', 'refused')
ORDER BY at DESC
LIMIT 100;

-- Workers that showed that they live, and turns under way.
SELECT
    (
        SELECT count(*) FROM procrastinate_workers
        WHERE last_heartbeat > now() - interval '30 seconds'
    ) AS workers,
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing') AS turns;

-- What the tables take.
SELECT relname AS name, n_live_tup AS rows, pg_total_relation_size(relid) AS bytes
FROM pg_stat_user_tables
WHERE starts_with(relname, 'nicobatch_') OR starts_with(relname, 'procrastinate_')
ORDER BY 3 DESC;
