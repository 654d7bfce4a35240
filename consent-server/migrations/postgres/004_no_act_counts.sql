-- Counts by day have those of each act, too.
DROP TABLE acts_stored;
DROP TABLE acts_removed;
