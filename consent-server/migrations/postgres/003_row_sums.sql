-- A sum for each row that nothing else proves, so that `consent fsck` sees what was changed by hand. The program makes it: a
-- trigger would make it for whoever changes the row, too. NULL only within the transaction that writes the row.
ALTER TABLE sites ADD COLUMN sum bytea;             -- of its id and number: the rest is counted again
ALTER TABLE removed ADD COLUMN sum bytea;
ALTER TABLE artefacts ADD COLUMN sum bytea;         -- of all but the content, which its digest proves
ALTER TABLE published ADD COLUMN sum bytea;
ALTER TABLE tokens ADD COLUMN sum bytea;
ALTER TABLE holds ADD COLUMN sum bytea;
ALTER TABLE tallies ADD COLUMN sum bytea;
ALTER TABLE audit ADD COLUMN sum bytea;
ALTER TABLE moments ADD COLUMN sum bytea;
CREATE INDEX removed_unsummed ON removed (site) WHERE sum IS NULL;
CREATE INDEX artefacts_unsummed ON artefacts (digest) WHERE sum IS NULL;
CREATE INDEX tallies_unsummed ON tallies (site) WHERE sum IS NULL;
CREATE INDEX audit_unsummed ON audit (seq) WHERE sum IS NULL;
