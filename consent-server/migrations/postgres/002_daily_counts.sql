-- How many decisions were made each day. What is removed is counted in rows of its own: whoever stores waits for nobody who
-- removes, and counts of before stay.
CREATE TABLE decision_counts (
    site     int4 NOT NULL,                         -- its number
    day      int4 NOT NULL,                         -- days since 1970-01-01, of the site's own calendar
    notice   int8 NOT NULL,                         -- the first eight bytes of its digest
    language text NOT NULL,
    act      int2 NOT NULL,
    source   int2 NOT NULL,
    gpc      bool NOT NULL,
    granted  bool NOT NULL,                         -- whether anything was
    removed  bool NOT NULL,
    count    int8 NOT NULL,
    PRIMARY KEY (site, day, notice, language, act, source, gpc, granted, removed)
) WITH (fillfactor = 50);
CREATE TABLE choice_counts (
    site    int4 NOT NULL,
    day     int4 NOT NULL,
    notice  int8 NOT NULL,
    kind    int2 NOT NULL,                          -- 0: a category; 1: a service that differs from its category
    id      text NOT NULL,
    granted bool NOT NULL,
    removed bool NOT NULL,
    count   int8 NOT NULL,
    PRIMARY KEY (site, day, notice, kind, id, granted, removed)
) WITH (fillfactor = 50);
-- How many days the site's own calendar was ahead of that of UTC when the receipt was accepted. Those of before are counted by UTC.
ALTER TABLE receipts ADD COLUMN day_shift int2 NOT NULL DEFAULT 0;
