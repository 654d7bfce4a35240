-- Tiles that end at or before this entry are not given out any more (C2SP tlog-tiles, minimum index): what they hold is of
-- receipts that are gone.
ALTER TABLE log ADD COLUMN minimum INTEGER NOT NULL DEFAULT 0;

-- The sum of the row is over this, too.
DROP TRIGGER log_sum_insert;
DROP TRIGGER log_sum_update;
CREATE TRIGGER log_sum_insert AFTER INSERT ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked, NEW.minimum) WHERE only = NEW.only;
END;
CREATE TRIGGER log_sum_update AFTER UPDATE OF only, origin, next, size, looked, minimum ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked, NEW.minimum) WHERE only = NEW.only;
END;
UPDATE log SET sum = row_sum(only, origin, next, size, looked, minimum);
