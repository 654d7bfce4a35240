-- One row a receipt. Everything that is not filtered by stays inside the receipt, which is signed.
CREATE TABLE records (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of acceptance; never used twice, so exports can be resumed
    record_id   BLOB    NOT NULL UNIQUE,            -- UUIDv7: ordered by time, so this index grows at its end
    site        TEXT    NOT NULL,
    subject     BLOB    NOT NULL,                   -- the consent id
    act         TEXT    NOT NULL,
    decided_at  INTEGER NOT NULL,                   -- Unix seconds, by the visitor's clock
    received_at INTEGER NOT NULL,                   -- Unix seconds, by the server's
    expires_at  INTEGER NOT NULL,
    receipt     TEXT    NOT NULL
) STRICT;
CREATE INDEX records_of_site ON records (site);     -- holds seq too: one site's rows in order, without sorting

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
