-- The sum of the places of a site's receipts that continue a consent id, and of those of them that were removed: one that no
-- longer says so by a change by hand would let an older choice stand.
ALTER TABLE site_next ADD COLUMN continued int8 NOT NULL DEFAULT 0;
ALTER TABLE sites ADD COLUMN continued_gone int8 NOT NULL DEFAULT 0;
UPDATE site_next SET continued = continuing.places
    FROM (SELECT site, sum(seq)::int8 AS places FROM receipts WHERE continues GROUP BY site) AS continuing
    WHERE continuing.site = site_next.site;
