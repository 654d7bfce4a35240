-- Which places of a site's order are empty because a receipt was erased or purged, written with the deletion. A place that is
-- empty and not in here was emptied by hand. Neighbours are one row, so what is purged in order stays one row; nothing here
-- says whose receipts they were.
CREATE TABLE removed (
    site  INTEGER NOT NULL,                         -- its number
    first INTEGER NOT NULL,                         -- the places from this one
    last  INTEGER NOT NULL,                         -- to this one
    sum   BLOB,
    PRIMARY KEY (site, first)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER removed_sum_insert AFTER INSERT ON removed BEGIN
    UPDATE removed SET sum = row_sum(NEW.site, NEW.first, NEW.last) WHERE site = NEW.site AND first = NEW.first;
END;
CREATE TRIGGER removed_sum_update AFTER UPDATE OF site, first, last ON removed BEGIN
    UPDATE removed SET sum = row_sum(NEW.site, NEW.first, NEW.last) WHERE site = NEW.site AND first = NEW.first;
END;

-- How many of a site's receipts live on in its tallies: they must add up to this.
ALTER TABLE sites ADD COLUMN tallied INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER sites_sum_insert;
DROP TRIGGER sites_sum_update;
CREATE TRIGGER sites_sum_insert AFTER INSERT ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next, NEW.tallied) WHERE number = NEW.number;
END;
CREATE TRIGGER sites_sum_update AFTER UPDATE OF number, id, next, tallied ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next, NEW.tallied) WHERE number = NEW.number;
END;

-- How many entries of the log are of receipts that were erased or purged: the others belong to something that is stored.
ALTER TABLE log ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER log_sum_insert;
DROP TRIGGER log_sum_update;
CREATE TRIGGER log_sum_insert AFTER INSERT ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked, NEW.minimum, NEW.gone) WHERE only = NEW.only;
END;
CREATE TRIGGER log_sum_update AFTER UPDATE OF only, origin, next, size, looked, minimum, gone ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked, NEW.minimum, NEW.gone) WHERE only = NEW.only;
END;

-- When something happened last: one row each, for operators and for the clock.
CREATE TABLE moments (
    what TEXT    NOT NULL PRIMARY KEY,
    at   INTEGER NOT NULL,                          -- Unix seconds, by the clock of this machine
    sum  BLOB
) STRICT, WITHOUT ROWID;
CREATE TRIGGER moments_sum_insert AFTER INSERT ON moments BEGIN
    UPDATE moments SET sum = row_sum(NEW.what, NEW.at) WHERE what = NEW.what;
END;
CREATE TRIGGER moments_sum_update AFTER UPDATE OF what, at ON moments BEGIN
    UPDATE moments SET sum = row_sum(NEW.what, NEW.at) WHERE what = NEW.what;
END;

-- Counting begins here: what is not there now was removed before. Sites that lack nothing need no look at each receipt.
CREATE TEMP TABLE lacking AS
    SELECT number AS site, next FROM sites
    LEFT JOIN (SELECT seq >> 40 AS site, count(*) AS present FROM records GROUP BY 1) ON site = number
    WHERE next - 1 <> coalesce(present, 0);
INSERT INTO removed (site, first, last)
    SELECT site, place + 1, following - 1 FROM (
        SELECT site, place, lead(place, 1, next) OVER (PARTITION BY site ORDER BY place) AS following FROM (
            SELECT site, next, 0 AS place FROM lacking
            UNION ALL
            SELECT site, next, seq & 1099511627775 FROM lacking
            JOIN records ON seq > site << 40 AND seq < (site + 1) << 40
        )
    )
    WHERE following > place + 1;
DROP TABLE temp.lacking;
UPDATE sites SET tallied = (SELECT coalesce(sum(count), 0) FROM tallies WHERE site = id);
UPDATE log SET gone = next
    - (SELECT count(*) FROM artefacts WHERE leaf IS NOT NULL)
    - (SELECT count(*) FROM records WHERE leaf IS NOT NULL);
-- The newest time that receipts were signed at: each site's last one, as far as they came in the order of time.
INSERT INTO moments (what, at)
    SELECT 'signed', max(at) FROM (
        SELECT (SELECT received_at FROM records WHERE seq >= number << 40 AND seq < (number + 1) << 40
            ORDER BY seq DESC LIMIT 1) AS at FROM sites
    ) HAVING max(at) IS NOT NULL;
UPDATE sites SET sum = row_sum(number, id, next, tallied);
UPDATE log SET sum = row_sum(only, origin, next, size, looked, minimum, gone);
