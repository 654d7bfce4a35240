-- Whether there may be receipts of this consent id from before; NULL: it is the first. Few visitors decide twice, so the
-- index of these alone finds what came after a receipt, and costs the others nothing.
ALTER TABLE records ADD COLUMN continues INTEGER CHECK (continues = 1);
UPDATE records SET continues = 1 WHERE act = 'withdraw';
CREATE INDEX records_continued ON records (subject, record_id) WHERE continues = 1;
