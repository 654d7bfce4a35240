-- A leaf that waits is proven by its receipt. When the receipt goes before the leaf is in a tile, this stands in for it;
-- NULL: nothing has gone.
ALTER TABLE log_waiting ADD COLUMN sum BLOB;
