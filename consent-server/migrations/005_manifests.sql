-- What a whole export consisted of: counts, the digest of its bytes, the filter. NULL: no export, or one that never ended.
ALTER TABLE audit ADD COLUMN manifest TEXT;

-- The sum of a line is over this, too.
DROP TRIGGER audit_sum_insert;
DROP TRIGGER audit_sum_update;
CREATE TRIGGER audit_sum_insert AFTER INSERT ON audit BEGIN
    UPDATE audit SET sum = row_sum(NEW.seq, NEW.at, NEW.who, NEW.token, NEW.role, NEW.action, NEW.site, NEW.filter, NEW.rows, NEW.manifest) WHERE seq = NEW.seq;
END;
CREATE TRIGGER audit_sum_update AFTER UPDATE OF seq, at, who, token, role, action, site, filter, rows, manifest ON audit BEGIN
    UPDATE audit SET sum = row_sum(NEW.seq, NEW.at, NEW.who, NEW.token, NEW.role, NEW.action, NEW.site, NEW.filter, NEW.rows, NEW.manifest) WHERE seq = NEW.seq;
END;
UPDATE audit SET sum = row_sum(seq, at, who, token, role, action, site, filter, rows, manifest);
