-- Where the receipts of a consent id are. An index of all would be written to at a different page for each receipt; here
-- each 8192 places of a site are sorted by consent id once they are full. `src/store/sqlite/subjects.rs` has the bytes.
CREATE TABLE subjects (
    run     INTEGER NOT NULL,                       -- the key of the place before the first of these
    bucket  INTEGER NOT NULL,                       -- of the consent id
    entries BLOB    NOT NULL,
    PRIMARY KEY (run, bucket)
) STRICT, WITHOUT ROWID;
