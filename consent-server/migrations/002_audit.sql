-- Who of the staff saw or took what. A line is written before the first row goes out, and gets its count at the end.
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,                        -- Unix seconds, by the server's clock
    who    TEXT    NOT NULL,                        -- the label of the token
    token  TEXT    NOT NULL,                        -- the first characters of its hash: two tokens can share a label
    role   TEXT    NOT NULL,
    action TEXT    NOT NULL,
    site   TEXT,                                    -- NULL: the whole server
    filter TEXT    NOT NULL,                        -- what was asked for, as in format=csv from=2026-01-01T00:00:00Z
    rows   INTEGER                                  -- how many receipts went out; NULL: it never ended
) STRICT;
