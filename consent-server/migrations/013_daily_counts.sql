-- How many decisions were made each day, written with the receipts. What is removed is counted apart, so that counts of
-- before stay, and what is left can be counted again. No sums of rows: `consent fsck` counts the receipts.
CREATE TABLE decision_counts (
    site     INTEGER NOT NULL,                      -- its number
    day      INTEGER NOT NULL,                      -- days since 1970-01-01, of the site's own calendar
    notice   INTEGER NOT NULL,                      -- the first eight bytes of its digest
    language TEXT    NOT NULL,
    act      INTEGER NOT NULL,                      -- `src/store/numbers.rs` has the numbers
    source   INTEGER NOT NULL,
    gpc      INTEGER NOT NULL,
    granted  INTEGER NOT NULL,                      -- whether anything was
    removed  INTEGER NOT NULL,                      -- 0: came; 1: went
    count    INTEGER NOT NULL,
    PRIMARY KEY (site, day, notice, language, act, source, gpc, granted, removed)
) STRICT, WITHOUT ROWID;
CREATE TABLE choice_counts (
    site    INTEGER NOT NULL,
    day     INTEGER NOT NULL,
    notice  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,                       -- 0: a category; 1: a service that differs from its category
    id      TEXT    NOT NULL,
    granted INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (site, day, notice, kind, id, granted, removed)
) STRICT, WITHOUT ROWID;
-- How many days the site's own calendar was ahead of that of UTC when the receipt was accepted. Those of before are counted by UTC.
ALTER TABLE records ADD COLUMN day_shift INTEGER NOT NULL DEFAULT 0;
