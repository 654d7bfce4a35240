-- Where the receipts of a consent id are. An index of all would be written to at a different page for each receipt; here
-- each 8192 places of a site are sorted by consent id once they are full. `src/store/sqlite/subjects.rs` has the bytes.
CREATE TABLE subjects (
    run     INTEGER NOT NULL,                       -- the key of the place before the first of these
    bucket  INTEGER NOT NULL,                       -- of the consent id
    entries BLOB    NOT NULL,
    PRIMARY KEY (run, bucket)
) STRICT, WITHOUT ROWID;

-- How many of a site's places, from the first one, are in there.
ALTER TABLE sites ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
DROP TRIGGER sites_sum_insert;
DROP TRIGGER sites_sum_update;
CREATE TRIGGER sites_sum_insert AFTER INSERT ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next, NEW.tallied, NEW.indexed) WHERE number = NEW.number;
END;
CREATE TRIGGER sites_sum_update AFTER UPDATE OF number, id, next, tallied, indexed ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next, NEW.tallied, NEW.indexed) WHERE number = NEW.number;
END;
UPDATE sites SET sum = row_sum(number, id, next, tallied, indexed);
