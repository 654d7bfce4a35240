-- On which day a token was last used: enough to see which ones nobody needs, and one write a token and day.
ALTER TABLE tokens ADD COLUMN used_on INTEGER;      -- Unix seconds, where that day begins in UTC; NULL: not since this is written down

-- The sum of a token is over this, too.
DROP TRIGGER tokens_sum_insert;
DROP TRIGGER tokens_sum_update;
CREATE TRIGGER tokens_sum_insert AFTER INSERT ON tokens BEGIN
    UPDATE tokens SET sum = row_sum(NEW.hash, NEW.role, NEW.sites, NEW.label, NEW.created_at, NEW.expires_at, NEW.used_on) WHERE hash = NEW.hash;
END;
CREATE TRIGGER tokens_sum_update AFTER UPDATE OF hash, role, sites, label, created_at, expires_at, used_on ON tokens BEGIN
    UPDATE tokens SET sum = row_sum(NEW.hash, NEW.role, NEW.sites, NEW.label, NEW.created_at, NEW.expires_at, NEW.used_on) WHERE hash = NEW.hash;
END;
UPDATE tokens SET sum = row_sum(hash, role, sites, label, created_at, expires_at, used_on);

-- The declaration that each site published last: the terms of its proofs, also once the site is retired. When an artefact
-- was kept first does not tell: a site may go back to an earlier declaration.
CREATE TABLE published (
    site        TEXT    NOT NULL PRIMARY KEY,
    declaration BLOB    NOT NULL,                   -- its digest, as among the artefacts
    sum         BLOB
) STRICT, WITHOUT ROWID;
CREATE TRIGGER published_sum_insert AFTER INSERT ON published BEGIN
    UPDATE published SET sum = row_sum(NEW.site, NEW.declaration) WHERE site = NEW.site;
END;
CREATE TRIGGER published_sum_update AFTER UPDATE OF site, declaration ON published BEGIN
    UPDATE published SET sum = row_sum(NEW.site, NEW.declaration) WHERE site = NEW.site;
END;
INSERT INTO published (site, declaration) SELECT site, digest FROM (
    SELECT site, digest, row_number() OVER (PARTITION BY site ORDER BY kept_at DESC) AS age FROM artefacts WHERE kind = 'declaration'
) WHERE age = 1;

-- Lines of the trail that name a record or a consent id: found when what they name goes.
CREATE INDEX audit_records ON audit (filter) WHERE filter GLOB 'record=*';
CREATE INDEX audit_subjects ON audit (seq) WHERE filter GLOB '*subject=sha256:*';

-- Those of records that went before lines were rewritten.
UPDATE audit SET filter = 'record=erased' WHERE filter GLOB 'record=*'
    AND NOT EXISTS (SELECT 1 FROM records WHERE record_id = unhex(replace(substr(filter, 8), '-', '')));
