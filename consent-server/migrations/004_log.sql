-- The log: a tree over everything that was ever given out or published, in the order in which it was committed.
-- What is here says nothing about anybody: hashes only.
CREATE TABLE log (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    origin TEXT,                                    -- the log's name; NULL until a server has begun it
    next   INTEGER NOT NULL,                        -- the place that the next entry gets; the first was 0
    size   INTEGER NOT NULL,                        -- the entries below this are in the tiles, the others wait
    looked INTEGER                                  -- receipts above this `seq` may lack an entry; NULL: none does
) STRICT;

-- Hashes of entries that the sequencer has not put into tiles yet: one row for each commit.
CREATE TABLE log_waiting (
    first  INTEGER PRIMARY KEY,                     -- the place of its first entry
    hashes BLOB    NOT NULL                         -- 32 bytes each
) STRICT;

-- Up to 256 hashes of one level of the tree, side by side (C2SP tlog-tiles).
CREATE TABLE log_tiles (
    place  INTEGER PRIMARY KEY,                     -- level << 48 | index
    hashes BLOB    NOT NULL
) STRICT;

-- A receipt's place in the log, and the salt that its leaf was made with. Both go when the receipt goes.
ALTER TABLE records ADD COLUMN leaf INTEGER;
ALTER TABLE records ADD COLUMN salt BLOB;

ALTER TABLE artefacts ADD COLUMN leaf INTEGER;      -- NULL for files: publications and bundles name them
CREATE INDEX artefacts_unlogged ON artefacts (kind) WHERE leaf IS NULL AND kind <> 'file';

INSERT INTO log (only, next, size, looked) VALUES (1, 0, 0, (SELECT 0 FROM records LIMIT 1));

-- Receipts, leaves and tiles prove themselves; what stands in these rows has nothing else that would show a damaged bit.
-- `row_sum` is a function of this program: SHA-256 over the values, each with its type.
ALTER TABLE sites ADD COLUMN sum BLOB;
ALTER TABLE artefacts ADD COLUMN sum BLOB;
ALTER TABLE tokens ADD COLUMN sum BLOB;
ALTER TABLE audit ADD COLUMN sum BLOB;
ALTER TABLE holds ADD COLUMN sum BLOB;
ALTER TABLE tallies ADD COLUMN sum BLOB;
ALTER TABLE log ADD COLUMN sum BLOB;
CREATE TRIGGER sites_sum_insert AFTER INSERT ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next) WHERE number = NEW.number;
END;
CREATE TRIGGER sites_sum_update AFTER UPDATE OF number, id, next ON sites BEGIN
    UPDATE sites SET sum = row_sum(NEW.number, NEW.id, NEW.next) WHERE number = NEW.number;
END;
CREATE TRIGGER artefacts_sum_insert AFTER INSERT ON artefacts BEGIN
    UPDATE artefacts SET sum = row_sum(NEW.digest, NEW.kind, NEW.site, NEW.kept_at, NEW.leaf) WHERE digest = NEW.digest AND kind = NEW.kind AND site = NEW.site;
END;
CREATE TRIGGER artefacts_sum_update AFTER UPDATE OF digest, kind, site, kept_at, leaf ON artefacts BEGIN
    UPDATE artefacts SET sum = row_sum(NEW.digest, NEW.kind, NEW.site, NEW.kept_at, NEW.leaf) WHERE digest = NEW.digest AND kind = NEW.kind AND site = NEW.site;
END;
CREATE TRIGGER tokens_sum_insert AFTER INSERT ON tokens BEGIN
    UPDATE tokens SET sum = row_sum(NEW.hash, NEW.role, NEW.sites, NEW.label, NEW.created_at, NEW.expires_at) WHERE hash = NEW.hash;
END;
CREATE TRIGGER tokens_sum_update AFTER UPDATE OF hash, role, sites, label, created_at, expires_at ON tokens BEGIN
    UPDATE tokens SET sum = row_sum(NEW.hash, NEW.role, NEW.sites, NEW.label, NEW.created_at, NEW.expires_at) WHERE hash = NEW.hash;
END;
CREATE TRIGGER audit_sum_insert AFTER INSERT ON audit BEGIN
    UPDATE audit SET sum = row_sum(NEW.seq, NEW.at, NEW.who, NEW.token, NEW.role, NEW.action, NEW.site, NEW.filter, NEW.rows) WHERE seq = NEW.seq;
END;
CREATE TRIGGER audit_sum_update AFTER UPDATE OF seq, at, who, token, role, action, site, filter, rows ON audit BEGIN
    UPDATE audit SET sum = row_sum(NEW.seq, NEW.at, NEW.who, NEW.token, NEW.role, NEW.action, NEW.site, NEW.filter, NEW.rows) WHERE seq = NEW.seq;
END;
CREATE TRIGGER holds_sum_insert AFTER INSERT ON holds BEGIN
    UPDATE holds SET sum = row_sum(NEW.site, NEW.reason, NEW.since) WHERE site = NEW.site;
END;
CREATE TRIGGER holds_sum_update AFTER UPDATE OF site, reason, since ON holds BEGIN
    UPDATE holds SET sum = row_sum(NEW.site, NEW.reason, NEW.since) WHERE site = NEW.site;
END;
CREATE TRIGGER tallies_sum_insert AFTER INSERT ON tallies BEGIN
    UPDATE tallies SET sum = row_sum(NEW.site, NEW.month, NEW.act, NEW.granted, NEW.count) WHERE site = NEW.site AND month = NEW.month AND act = NEW.act AND granted = NEW.granted;
END;
CREATE TRIGGER tallies_sum_update AFTER UPDATE OF site, month, act, granted, count ON tallies BEGIN
    UPDATE tallies SET sum = row_sum(NEW.site, NEW.month, NEW.act, NEW.granted, NEW.count) WHERE site = NEW.site AND month = NEW.month AND act = NEW.act AND granted = NEW.granted;
END;
CREATE TRIGGER log_sum_insert AFTER INSERT ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked) WHERE only = NEW.only;
END;
CREATE TRIGGER log_sum_update AFTER UPDATE OF only, origin, next, size, looked ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked) WHERE only = NEW.only;
END;
UPDATE sites SET sum = row_sum(number, id, next);
UPDATE artefacts SET sum = row_sum(digest, kind, site, kept_at, leaf);
UPDATE tokens SET sum = row_sum(hash, role, sites, label, created_at, expires_at);
UPDATE audit SET sum = row_sum(seq, at, who, token, role, action, site, filter, rows);
UPDATE holds SET sum = row_sum(site, reason, since);
UPDATE tallies SET sum = row_sum(site, month, act, granted, count);
UPDATE log SET sum = row_sum(only, origin, next, size, looked);
