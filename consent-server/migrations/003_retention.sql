-- Sites whose receipts nobody may delete for now: a court or an authority may ask for them.
CREATE TABLE holds (
    site   TEXT    NOT NULL PRIMARY KEY,
    reason TEXT    NOT NULL,
    since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is left of anonymised receipts: how many decided what in which month, and nothing that leads to a browser.
CREATE TABLE tallies (
    site    TEXT    NOT NULL,
    month   TEXT    NOT NULL,                       -- of the decision, as in 2026-11
    act     TEXT    NOT NULL,
    granted TEXT    NOT NULL,                       -- category ids with a space between
    count   INTEGER NOT NULL,
    PRIMARY KEY (site, month, act, granted)
) STRICT, WITHOUT ROWID;
