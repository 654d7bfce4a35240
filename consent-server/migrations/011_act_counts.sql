-- How many receipts of each act a site has, written with them: to count them takes seconds where there are millions.
CREATE TABLE act_counts (
    site  INTEGER NOT NULL,                         -- its number
    act   TEXT    NOT NULL,
    count INTEGER NOT NULL,
    sum   BLOB,
    PRIMARY KEY (site, act)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER act_counts_sum_insert AFTER INSERT ON act_counts BEGIN
    UPDATE act_counts SET sum = row_sum(NEW.site, NEW.act, NEW.count) WHERE site = NEW.site AND act = NEW.act;
END;
CREATE TRIGGER act_counts_sum_update AFTER UPDATE OF site, act, count ON act_counts BEGIN
    UPDATE act_counts SET sum = row_sum(NEW.site, NEW.act, NEW.count) WHERE site = NEW.site AND act = NEW.act;
END;
INSERT INTO act_counts (site, act, count) SELECT seq >> 40, act, count(*) FROM records GROUP BY 1, 2;
