-- What a whole export consisted of: counts, the digest of its bytes, the filter. NULL: no export, or one that never ended.
ALTER TABLE audit ADD COLUMN manifest TEXT;
