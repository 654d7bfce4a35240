-- A row whose sum was wrong before it was changed keeps a wrong one: what was changed by hand is not made good by the next
-- change that is none.
DROP TRIGGER artefacts_sum_update;
CREATE TRIGGER artefacts_sum_update AFTER UPDATE OF digest, kind, site, kept_at, leaf ON artefacts BEGIN
    UPDATE artefacts SET sum = row_sum(NEW.digest, NEW.kind, NEW.site, NEW.kept_at, NEW.leaf) WHERE digest = NEW.digest AND kind = NEW.kind AND site = NEW.site AND OLD.sum IS row_sum(OLD.digest, OLD.kind, OLD.site, OLD.kept_at, OLD.leaf);
END;
DROP TRIGGER audit_sum_update;
CREATE TRIGGER audit_sum_update AFTER UPDATE OF seq, at, who, token, role, action, site, filter, rows, manifest ON audit BEGIN
    UPDATE audit SET sum = row_sum(NEW.seq, NEW.at, NEW.who, NEW.token, NEW.role, NEW.action, NEW.site, NEW.filter, NEW.rows, NEW.manifest) WHERE seq = NEW.seq AND OLD.sum IS row_sum(OLD.seq, OLD.at, OLD.who, OLD.token, OLD.role, OLD.action, OLD.site, OLD.filter, OLD.rows, OLD.manifest);
END;
DROP TRIGGER holds_sum_update;
CREATE TRIGGER holds_sum_update AFTER UPDATE OF site, reason, since ON holds BEGIN
    UPDATE holds SET sum = row_sum(NEW.site, NEW.reason, NEW.since) WHERE site = NEW.site AND OLD.sum IS row_sum(OLD.site, OLD.reason, OLD.since);
END;
DROP TRIGGER log_sum_update;
CREATE TRIGGER log_sum_update AFTER UPDATE OF only, origin, next, size, looked, minimum, gone ON log BEGIN
    UPDATE log SET sum = row_sum(NEW.only, NEW.origin, NEW.next, NEW.size, NEW.looked, NEW.minimum, NEW.gone) WHERE only = NEW.only AND OLD.sum IS row_sum(OLD.only, OLD.origin, OLD.next, OLD.size, OLD.looked, OLD.minimum, OLD.gone);
END;
DROP TRIGGER moments_sum_update;
CREATE TRIGGER moments_sum_update AFTER UPDATE OF what, at ON moments BEGIN
    UPDATE moments SET sum = row_sum(NEW.what, NEW.at) WHERE what = NEW.what AND OLD.sum IS row_sum(OLD.what, OLD.at);
END;
DROP TRIGGER published_sum_update;
CREATE TRIGGER published_sum_update AFTER UPDATE OF site, declaration ON published BEGIN
    UPDATE published SET sum = row_sum(NEW.site, NEW.declaration) WHERE site = NEW.site AND OLD.sum IS row_sum(OLD.site, OLD.declaration);
END;
DROP TRIGGER removed_sum_update;
CREATE TRIGGER removed_sum_update AFTER UPDATE OF site, first, last ON removed BEGIN
    UPDATE removed SET sum = row_sum(NEW.site, NEW.first, NEW.last) WHERE site = NEW.site AND first = NEW.first AND OLD.sum IS row_sum(OLD.site, OLD.first, OLD.last);
END;
DROP TRIGGER tallies_sum_update;
CREATE TRIGGER tallies_sum_update AFTER UPDATE OF site, month, act, granted, count ON tallies BEGIN
    UPDATE tallies SET sum = row_sum(NEW.site, NEW.month, NEW.act, NEW.granted, NEW.count) WHERE site = NEW.site AND month = NEW.month AND act = NEW.act AND granted = NEW.granted AND OLD.sum IS row_sum(OLD.site, OLD.month, OLD.act, OLD.granted, OLD.count);
END;
DROP TRIGGER tokens_sum_update;
CREATE TRIGGER tokens_sum_update AFTER UPDATE OF hash, role, sites, label, created_at, expires_at, used_on ON tokens BEGIN
    UPDATE tokens SET sum = row_sum(NEW.hash, NEW.role, NEW.sites, NEW.label, NEW.created_at, NEW.expires_at, NEW.used_on) WHERE hash = NEW.hash AND OLD.sum IS row_sum(OLD.hash, OLD.role, OLD.sites, OLD.label, OLD.created_at, OLD.expires_at, OLD.used_on);
END;
