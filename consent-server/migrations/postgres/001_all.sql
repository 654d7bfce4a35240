-- What SQLite's ten migrations have led to, in PostgreSQL's types. Only statements that hold on engines which spread tables
-- over machines, too: no trigger, no sequence, no key that others refer to.

-- Sites that have receipts, each with a number.
CREATE TABLE sites (
    id      text PRIMARY KEY,
    number  int4 NOT NULL UNIQUE,
    tallied int8 NOT NULL DEFAULT 0,                -- how many of its receipts live on in its tallies
    gone    int8 NOT NULL DEFAULT 0                 -- how many entries of the log are of its receipts that were removed
);

-- The next place in each site's own order of acceptance. No place is used twice, so exports can be resumed. Apart from the
-- sites, which removals lock: intake waits for none of them.
CREATE TABLE site_next (
    site int4 PRIMARY KEY,                          -- its number
    next int8 NOT NULL
) WITH (fillfactor = 10);

-- One row a receipt, a partition a month: by the time in the record id, so that the one key finds a repeat. No partition is
-- for the rest.
CREATE TABLE receipts (
    record_id   uuid  NOT NULL,                     -- UUIDv7
    site        int4  NOT NULL,                     -- its number
    seq         int8  NOT NULL,                     -- the place in its site's order, from 1 on
    place       int8  NOT NULL,                     -- the place in the log
    subject     uuid  NOT NULL,                     -- the consent id
    act         int2  NOT NULL,
    continues   bool  NOT NULL,                     -- whether there may be receipts of this consent id from before
    decided_at  int8  NOT NULL,                     -- Unix seconds, by the visitor's clock
    received_at int8  NOT NULL,                     -- Unix seconds, by the server's
    expires_at  int8  NOT NULL,
    salt        bytea NOT NULL,                     -- what its leaf was made with
    receipt     text  NOT NULL,
    PRIMARY KEY (record_id)
) PARTITION BY RANGE (record_id);
CREATE INDEX receipts_order ON receipts (site, seq);
-- Few visitors decide twice: the index of these alone costs the others nothing.
CREATE INDEX receipts_continued ON receipts (subject, record_id) WHERE continues;

-- How many receipts of each act came to a site, and how many of them were removed.
CREATE TABLE acts_stored (
    site  int4 NOT NULL,                            -- its number
    act   int2 NOT NULL,
    count int8 NOT NULL,
    PRIMARY KEY (site, act)
) WITH (fillfactor = 10);
CREATE TABLE acts_removed (
    site  int4 NOT NULL,
    act   int2 NOT NULL,
    count int8 NOT NULL,
    PRIMARY KEY (site, act)
);

-- Which places of a site's order are empty because a receipt was erased or purged. Neighbours are one row.
CREATE TABLE removed (
    site  int4 NOT NULL,                            -- its number
    first int8 NOT NULL,                            -- the places from this one
    last  int8 NOT NULL,                            -- to this one
    PRIMARY KEY (site, first)
);

-- The log. Who stores an entry locks `log_next` first, and gives it its place in the transaction that stores it.
CREATE TABLE log_next (
    log  int4 PRIMARY KEY,
    next int8 NOT NULL
) WITH (fillfactor = 10);
CREATE TABLE log_tree (
    log     int4 PRIMARY KEY,
    origin  text,                                   -- NULL: not begun
    size    int8 NOT NULL,                          -- how many entries are in the tiles
    minimum int8 NOT NULL                           -- tiles that end at or before this entry are not given out
) WITH (fillfactor = 10);
CREATE TABLE log_waiting (
    log    int4  NOT NULL,
    first  int8  NOT NULL,                          -- the place of the first leaf
    hashes bytea NOT NULL,                          -- 32 bytes a leaf: those that were committed together
    PRIMARY KEY (log, first)
);
CREATE TABLE log_tiles (
    log    int4  NOT NULL,
    level  int2  NOT NULL,
    index  int8  NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (log, level, index)
);
INSERT INTO log_next (log, next) VALUES (1, 0);
INSERT INTO log_tree (log, size, minimum) VALUES (1, 0, 0);

-- What was published: never changed, never deleted.
CREATE TABLE artefacts (
    digest  bytea NOT NULL,
    kind    text  NOT NULL,
    site    text  NOT NULL,                         -- empty: shared by all sites
    content bytea NOT NULL,
    kept_at int8  NOT NULL,
    place   int8,                                   -- in the log; NULL: files have none
    PRIMARY KEY (digest, kind, site)
);
CREATE INDEX artefacts_of_site ON artefacts (site, kind);
CREATE TABLE published (
    site        text  PRIMARY KEY,
    declaration bytea NOT NULL                      -- the digest of the last one
);

CREATE TABLE tokens (
    hash       bytea PRIMARY KEY,                   -- SHA-256 of the token
    role       text NOT NULL,
    sites      text,                                -- site ids with a space between; NULL: every site
    label      text NOT NULL,
    created_at int8 NOT NULL,
    expires_at int8,                                -- NULL: never
    used_on    int8                                 -- where that day begins in UTC; NULL: not used
);

CREATE TABLE holds (
    site   text PRIMARY KEY,
    reason text NOT NULL,
    since  int8 NOT NULL
);
CREATE TABLE tallies (
    site    text NOT NULL,
    month   text NOT NULL,                          -- of the decision, as in 2026-11
    act     text NOT NULL,
    granted text NOT NULL,                          -- category ids with a space between
    count   int8 NOT NULL,
    PRIMARY KEY (site, month, act, granted)
);

-- The trail. Numbers come from the counter row: a sequence would leave holes where a transaction fails.
CREATE TABLE audit (
    seq      int8 PRIMARY KEY,
    at       int8 NOT NULL,
    who      text NOT NULL,
    token    text NOT NULL,
    role     text NOT NULL,
    action   text NOT NULL,
    site     text,                                  -- NULL: the whole server
    filter   text NOT NULL,
    rows     int8,                                  -- NULL: not known yet
    manifest text
);
CREATE INDEX audit_records ON audit (filter) WHERE filter LIKE 'record=%';
CREATE INDEX audit_subjects ON audit (site) WHERE filter LIKE '%subject=sha256:%';
CREATE TABLE audit_next (
    one  int4 PRIMARY KEY CHECK (one = 1),
    next int8 NOT NULL
) WITH (fillfactor = 10);
INSERT INTO audit_next (one, next) VALUES (1, 1);

CREATE TABLE moments (
    what text PRIMARY KEY,
    at   int8 NOT NULL
);

-- What one process at a time does: it has the lease for as long as its beat goes on.
CREATE TABLE leases (
    name   text PRIMARY KEY,
    epoch  int8 NOT NULL,
    holder text,                                    -- NULL: nobody
    beat   int8 NOT NULL
) WITH (fillfactor = 10);
INSERT INTO leases (name, epoch, beat) VALUES ('log', 0, 0);
