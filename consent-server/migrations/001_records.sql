-- Sites that have receipts, each with a number and the next place in its own order of acceptance. No place is used
-- twice, so exports can be resumed.
CREATE TABLE sites (
    number INTEGER PRIMARY KEY,
    id     TEXT    NOT NULL UNIQUE,
    next   INTEGER NOT NULL
) STRICT;

-- One row a receipt. Everything that is not filtered by stays inside the receipt, which is signed.
CREATE TABLE records (
    seq         INTEGER PRIMARY KEY,                -- site number << 40 | place: a site's rows lie together, in order
    record_id   BLOB    NOT NULL UNIQUE,            -- UUIDv7: ordered by time, so this index grows at its end
    subject     BLOB    NOT NULL,                   -- the consent id
    act         TEXT    NOT NULL,
    decided_at  INTEGER NOT NULL,                   -- Unix seconds, by the visitor's clock
    received_at INTEGER NOT NULL,                   -- Unix seconds, by the server's
    expires_at  INTEGER NOT NULL,
    receipt     TEXT    NOT NULL
) STRICT;

-- What was published: notices, scopes, publications and the files visitors were sent. Never changed, never deleted.
CREATE TABLE artefacts (
    digest  BLOB    NOT NULL,
    kind    TEXT    NOT NULL,
    site    TEXT    NOT NULL,                       -- empty: shared by all sites
    content BLOB    NOT NULL,
    kept_at INTEGER NOT NULL,
    PRIMARY KEY (digest, kind, site)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    hash       BLOB    NOT NULL PRIMARY KEY,        -- SHA-256 of the token; the token itself is never stored
    role       TEXT    NOT NULL,
    sites      TEXT,                                -- site ids with a space between; NULL: every site
    label      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER                              -- NULL: never
) STRICT, WITHOUT ROWID;
