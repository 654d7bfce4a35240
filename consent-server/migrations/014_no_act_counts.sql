-- Counts by day have those of each act, too.
DROP TABLE act_counts;
