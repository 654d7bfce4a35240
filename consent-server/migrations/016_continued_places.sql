-- The sum of the places of a site's receipts that continue a consent id: one that no longer says so by a change by hand would
-- let an older choice stand.
ALTER TABLE sites ADD COLUMN continued INTEGER NOT NULL DEFAULT 0;
WITH continuing AS (SELECT seq >> 40 AS site, sum(seq & 1099511627775) AS places FROM records WHERE continues = 1 GROUP BY 1)
UPDATE sites SET continued = places FROM continuing WHERE continuing.site = number;
UPDATE sites SET sum = row_sum(number, id, next, tallied, continued) WHERE sum IS row_sum(number, id, next, tallied);
DROP TRIGGER sites_sum_insert;
DROP TRIGGER sites_sum_update;
CREATE TRIGGER sites_sum_insert AFTER INSERT ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next, NEW.tallied, NEW.continued) WHERE number = NEW.number;
END;
CREATE TRIGGER sites_sum_update AFTER UPDATE OF number, id, next, tallied, continued ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next, NEW.tallied, NEW.continued) WHERE number = NEW.number AND OLD.sum IS row_sum(OLD.number, OLD.id, OLD.next, OLD.tallied, OLD.continued);
END;
