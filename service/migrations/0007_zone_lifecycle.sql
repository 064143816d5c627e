-- A zone's whole life: what is known of it, how it ends, whom it descends from, which packs it stands in.
-- depends: 0006_alert

DROP TABLE zone_cell;

ALTER TABLE zone
    ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'released', 'replaced', 'annulled')),
    ADD COLUMN feed text NOT NULL DEFAULT '',
    ADD COLUMN lying text NOT NULL DEFAULT 'unknown'
        CHECK (lying IN ('buried', 'surface', 'scattered', 'mixed', 'unknown')),
    ADD COLUMN marking text NOT NULL DEFAULT 'unknown' CHECK (marking IN ('fenced', 'signed', 'none', 'unknown')),
    ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(evidence) = 'array'),
    -- A claim of who laid them; nothing may ever be decided by it (R1).
    ADD COLUMN deactivating boolean,
    ADD COLUMN deactivates_by date CHECK (deactivates_by IS NULL OR deactivating),
    ADD COLUMN reported_on date,
    ADD COLUMN surveyed_on date,
    ADD COLUMN benchmark point,
    ADD COLUMN beneficiaries integer CHECK (beneficiaries >= 0),
    -- The part of the official outline that release records in force cover; NULL while there is none.
    ADD COLUMN released bytea,
    -- What would be public without release records, where that is not what is public now: so it can come back.
    ADD COLUMN whole bytea,
    -- Counts only what the public can see, so that it says nothing of the rest.
    ADD COLUMN public_revision integer NOT NULL DEFAULT 1 CHECK (public_revision > 0),
    -- The version of the whole public record at which the public last saw this zone change.
    ADD COLUMN version bigint NOT NULL DEFAULT 0,
    -- Why it left the phones; NULL for a zone that they hold and for one that they never held.
    ADD COLUMN departure text CHECK (departure IN ('released', 'replaced', 'unpublished', 'annulled')),
    ADD COLUMN departed_at timestamptz,
    ADD CHECK ((departure IS NULL) = (departed_at IS NULL)),
    ADD CHECK (departure IS NULL OR public IS NULL),
    ADD CHECK (state <> 'released' OR released IS NOT NULL),
    -- Whatever ended and was public can come back as it was.
    ADD CHECK (state = 'active' OR publication = 'withheld' OR whole IS NOT NULL);
ALTER TABLE zone DROP CONSTRAINT zone_check;
ALTER TABLE zone ADD CONSTRAINT zone_is_public_unless_withheld_or_ended
    CHECK ((public IS NULL) = (publication = 'withheld' OR state <> 'active'));
CREATE INDEX zone_by_version ON zone (version);
CREATE INDEX zone_by_feed ON zone (authority, exercise, feed) WHERE state = 'active';

-- The resolution-4 cells in whose packs a zone stands or stood; only grows, so that no phone loses one in silence.
CREATE TABLE zone_pack_cell (
    cell bigint NOT NULL,
    zone_id uuid NOT NULL REFERENCES zone,
    PRIMARY KEY (cell, zone_id)
);
CREATE INDEX zone_pack_cell_of ON zone_pack_cell (zone_id);

-- Split, merged, extended: which zones came of which.
CREATE TABLE zone_lineage (
    parent_id uuid NOT NULL REFERENCES zone,
    child_id uuid NOT NULL REFERENCES zone,
    act text NOT NULL CHECK (act IN ('split', 'merge')),
    at timestamptz NOT NULL,
    PRIMARY KEY (parent_id, child_id),
    CHECK (parent_id <> child_id)
);
CREATE INDEX zone_lineage_of ON zone_lineage (child_id);

-- What needs a second person: releases, annulments, downward reclassifications, changes of publication (R2, R17).
CREATE TABLE zone_proposal (
    id uuid PRIMARY KEY,
    act text NOT NULL CHECK (act IN ('release', 'annul', 'downgrade', 'publish')),
    zone_ids uuid[] NOT NULL CHECK (cardinality(zone_ids) > 0),
    -- What was true when it was proposed: whoever decides must find it unchanged.
    revisions integer[] NOT NULL CHECK (cardinality(revisions) = cardinality(zone_ids)),
    terms jsonb NOT NULL,
    why text NOT NULL CHECK (why <> ''),
    asked_by uuid NOT NULL REFERENCES operator,
    asked_at timestamptz NOT NULL,
    decision text CHECK (decision IN ('approved', 'refused')),
    decided_by uuid REFERENCES operator,
    decided_at timestamptz,
    decided_why text NOT NULL DEFAULT '',
    CHECK (decided_by <> asked_by OR decision = 'refused'),
    CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL))
);
CREATE INDEX zone_proposal_open ON zone_proposal (asked_at) WHERE decision IS NULL;
CREATE INDEX zone_proposal_of ON zone_proposal USING gin (zone_ids);

-- A land-release record (R2, R3). It is never changed: it can be revoked.
CREATE TABLE release (
    id uuid PRIMARY KEY,
    proposal_id uuid NOT NULL REFERENCES zone_proposal,
    kind text NOT NULL CHECK (kind IN ('cancelled', 'reduced', 'cleared')),
    method text NOT NULL CHECK (method IN ('non-technical-survey', 'technical-survey', 'clearance')),
    authority text NOT NULL,
    external_id text NOT NULL DEFAULT '',
    dated date NOT NULL,
    depth_cm integer CHECK (depth_cm > 0),
    devices_found integer CHECK (devices_found >= 0),
    remarks text NOT NULL DEFAULT '',
    outline bytea NOT NULL,
    exercise boolean NOT NULL,
    at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES operator,
    revoked_why text,
    CHECK ((kind, method) IN
        (('cancelled', 'non-technical-survey'), ('reduced', 'technical-survey'), ('cleared', 'clearance'))),
    CHECK ((kind = 'cleared') = (depth_cm IS NOT NULL)),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoked_why IS NULL))
);

CREATE UNIQUE INDEX release_once ON release (authority, external_id, exercise)
    WHERE external_id <> '' AND revoked_at IS NULL;

-- What a record took from one zone: official ground, and the part of its outline that the public may be shown with it.
CREATE TABLE release_zone (
    release_id uuid NOT NULL REFERENCES release,
    zone_id uuid NOT NULL REFERENCES zone,
    ground bytea NOT NULL,
    taken bytea,
    -- Set where a later survey found the ground dangerous again: the record no longer covers it.
    superseded_at timestamptz,
    PRIMARY KEY (release_id, zone_id)
);
CREATE INDEX release_zone_of ON release_zone (zone_id);

-- Where an authority says that it keeps the record, and whether it has looked everywhere there.
CREATE TABLE coverage_area (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    external_id text NOT NULL,
    key text NOT NULL,
    exercise boolean NOT NULL,
    name text NOT NULL DEFAULT '',
    surveyed boolean NOT NULL,
    data_as_of date NOT NULL,
    outline bytea NOT NULL,
    -- The outline rounded inward, as it is a claim of knowledge; NULL if nothing of it is left.
    public bytea,
    revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    ended_at timestamptz,
    changed_at timestamptz NOT NULL,
    withholds boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 0,
    UNIQUE (authority, key, exercise)
);

CREATE TABLE coverage_revision (
    coverage_id uuid NOT NULL REFERENCES coverage_area,
    revision integer NOT NULL,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    why text NOT NULL,
    record jsonb NOT NULL,
    PRIMARY KEY (coverage_id, revision)
);

CREATE TABLE coverage_pack_cell (
    cell bigint NOT NULL,
    coverage_id uuid NOT NULL REFERENCES coverage_area,
    PRIMARY KEY (cell, coverage_id)
);
CREATE INDEX coverage_pack_cell_of ON coverage_pack_cell (coverage_id);

-- R2, R17: whatever makes a zone look less dangerous, or shows more of it, was decided by two people in this very act.
CREATE FUNCTION zone_eases_only_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text[] := ARRAY(
        SELECT act FROM zone_proposal
         WHERE NEW.id = ANY (zone_ids) AND decision = 'approved' AND decided_at = NEW.changed_at
           AND NEW.revision > OLD.revision);
BEGIN
    IF NEW.state = 'released' AND OLD.state <> 'released' AND NOT ('release' = ANY (decided) AND EXISTS (
        SELECT FROM release_zone JOIN release ON release.id = release_id
         WHERE zone_id = NEW.id AND revoked_at IS NULL AND superseded_at IS NULL)) THEN
        RAISE EXCEPTION 'a zone ends only by a release record (R2)';
    END IF;
    IF NEW.state = 'annulled' AND OLD.state <> 'annulled' AND NOT 'annul' = ANY (decided) THEN
        RAISE EXCEPTION 'a zone is annulled only by two people (R2)';
    END IF;
    IF NEW.state = 'replaced' AND OLD.state <> 'replaced' AND NOT EXISTS (
        SELECT FROM zone_lineage WHERE parent_id = NEW.id) THEN
        RAISE EXCEPTION 'a zone is replaced only by others (R2)';
    END IF;
    IF NEW.class = 'sha' AND OLD.class = 'cha' AND NOT 'downgrade' = ANY (decided) THEN
        RAISE EXCEPTION 'a confirmed area becomes a suspected one only by two people (R2)';
    END IF;
    IF NEW.publication <> OLD.publication AND NOT 'publish' = ANY (decided) THEN
        RAISE EXCEPTION 'what the public may see is changed only by two people (R2)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zone_eases_only_by_two BEFORE UPDATE OF state, class, publication ON zone
    FOR EACH ROW EXECUTE FUNCTION zone_eases_only_by_two();

CREATE FUNCTION zone_proposal_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.decision IS NOT NULL THEN
            RAISE EXCEPTION 'a proposal begins undecided (R17)';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.decision IS NOT NULL OR
       (NEW.id, NEW.act, NEW.zone_ids, NEW.revisions, NEW.terms, NEW.why, NEW.asked_by, NEW.asked_at) IS DISTINCT FROM
       (OLD.id, OLD.act, OLD.zone_ids, OLD.revisions, OLD.terms, OLD.why, OLD.asked_by, OLD.asked_at) THEN
        RAISE EXCEPTION 'a proposal is decided once and never rewritten (R17)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zone_proposal_is_decided_once BEFORE INSERT OR UPDATE ON zone_proposal
    FOR EACH ROW EXECUTE FUNCTION zone_proposal_is_decided_once();

CREATE FUNCTION release_is_only_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.revoked_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM zone_proposal
             WHERE id = NEW.proposal_id AND act = 'release' AND decision = 'approved' AND decided_at = NEW.at) THEN
            RAISE EXCEPTION 'a release record needs two people (R2)';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.revoked_at IS NOT NULL OR to_jsonb(NEW) - '{revoked_at,revoked_by,revoked_why}'::text[] IS DISTINCT FROM
       to_jsonb(OLD) - '{revoked_at,revoked_by,revoked_why}'::text[] THEN
        RAISE EXCEPTION 'a release record is never changed, only revoked (R2)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_is_only_revoked BEFORE INSERT OR UPDATE ON release
    FOR EACH ROW EXECUTE FUNCTION release_is_only_revoked();

CREATE FUNCTION release_zone_is_only_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.superseded_at IS NOT NULL OR
       to_jsonb(NEW) - 'superseded_at' IS DISTINCT FROM to_jsonb(OLD) - 'superseded_at' THEN
        RAISE EXCEPTION 'what a release record took is never changed, only superseded (R2)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_zone_is_only_superseded BEFORE UPDATE ON release_zone
    FOR EACH ROW EXECUTE FUNCTION release_zone_is_only_superseded();

CREATE TRIGGER coverage_revision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON coverage_revision
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
CREATE TRIGGER zone_lineage_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON zone_lineage
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
CREATE TRIGGER zone_proposal_only_grows BEFORE DELETE OR TRUNCATE ON zone_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
CREATE TRIGGER release_only_grows BEFORE DELETE OR TRUNCATE ON release
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
CREATE TRIGGER release_zone_only_grows BEFORE DELETE OR TRUNCATE ON release_zone
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
