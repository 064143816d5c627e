-- Imports in full: an import is first a plan, and what would take danger off the list waits for a second person.
-- depends: 0007_zone_lifecycle

DROP TRIGGER zone_import_only_grows ON zone_import;
ALTER TABLE zone_import
    ALTER COLUMN digest DROP NOT NULL,
    ADD COLUMN feed text NOT NULL DEFAULT '',
    ADD COLUMN state text NOT NULL DEFAULT 'applied'
        CHECK (state IN ('waiting', 'running', 'planned', 'applied', 'failed')),
    ADD COLUMN stage text NOT NULL DEFAULT '' CHECK (stage IN ('', 'fetching', 'reading', 'keeping')),
    ADD COLUMN rows_done integer NOT NULL DEFAULT 0,
    ADD COLUMN rows_total integer,
    ADD COLUMN dry_run boolean NOT NULL DEFAULT false,
    -- What was stated of the file, all of it, and the mapping that it was read by.
    ADD COLUMN stated jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN mapping text,
    ADD COLUMN origin text NOT NULL DEFAULT '',
    -- How far a layer of a FeatureServer was fetched: whoever goes on begins here.
    ADD COLUMN cursor jsonb,
    ADD COLUMN remarks jsonb NOT NULL DEFAULT '[]',
    -- Why it failed: name, detail, where, remedy.
    ADD COLUMN trouble jsonb,
    ADD COLUMN finished_at timestamptz,
    ADD CHECK ((state = 'failed') = (trouble IS NOT NULL));
ALTER TABLE zone_import ALTER COLUMN state DROP DEFAULT;
CREATE INDEX zone_import_newest ON zone_import (at);

CREATE FUNCTION zone_import_stays_as_it_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('planned', 'applied', 'failed') THEN
        RAISE EXCEPTION 'an import that has ended stays as it is';
    END IF;
    IF (NEW.id, NEW.operator_id, NEW.authority, NEW.feed, NEW.exercise, NEW.dated, NEW.dry_run, NEW.at) IS DISTINCT FROM
       (OLD.id, OLD.operator_id, OLD.authority, OLD.feed, OLD.exercise, OLD.dated, OLD.dry_run, OLD.at) THEN
        RAISE EXCEPTION 'who imports what is never rewritten (R17)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zone_import_stays_as_it_ended BEFORE UPDATE OR DELETE ON zone_import
    FOR EACH ROW EXECUTE FUNCTION zone_import_stays_as_it_ended();

-- An uploaded file in pieces, until its import has ended.
CREATE TABLE import_file (
    import_id uuid NOT NULL REFERENCES zone_import,
    piece integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (import_id, piece)
);
ALTER TABLE import_file ALTER COLUMN content SET STORAGE EXTERNAL;

-- The plan, line by line; row_no is 0 for a zone that the file does not hold.
CREATE TABLE import_line (
    import_id uuid NOT NULL REFERENCES zone_import,
    line_no integer NOT NULL,
    row_no integer NOT NULL,
    kind text NOT NULL CHECK (kind IN
        ('new', 'changed', 'moved', 'reclassified', 'shrunk', 'split', 'missing', 'unchanged', 'in-doubt')),
    external_id text,
    zone_id uuid,
    detail text NOT NULL,
    waits integer NOT NULL,
    -- The row's outline, or that of the zone that is missing.
    outline bytea,
    PRIMARY KEY (import_id, line_no)
);

CREATE TABLE import_finding (
    import_id uuid NOT NULL REFERENCES zone_import,
    finding_no integer NOT NULL,
    row_no integer NOT NULL,
    external_id text NOT NULL,
    note text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (import_id, finding_no)
);

-- What of a source's row was taken last: a row that comes as it came needs no second look.
CREATE TABLE zone_source_row (
    zone_id uuid PRIMARY KEY REFERENCES zone,
    authority text NOT NULL,
    exercise boolean NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    -- The row's outline where the zone's own is another: decided so by a second person.
    outline bytea,
    -- What was planned of it, while a part of what it says waits.
    kind text,
    waits integer NOT NULL DEFAULT 0
);
CREATE INDEX zone_source_row_of ON zone_source_row (authority, exercise);

-- The mapping that a source's files are read by.
CREATE TABLE import_mapping (
    authority text NOT NULL,
    feed text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    PRIMARY KEY (authority, feed)
);

ALTER TABLE quarantine
    ADD COLUMN zone_id uuid REFERENCES zone,
    -- The row and its outline, so that a decision knows what the row left out.
    ADD COLUMN source_digest bytea,
    ADD COLUMN outline bytea,
    ADD COLUMN decision text
        CHECK (decision IN ('kept', 'released', 'reclassified', 'annulled', 'dismissed', 'moot')),
    ADD COLUMN decided_by uuid REFERENCES operator,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_why text NOT NULL DEFAULT '',
    ADD CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
    ADD CHECK (decision IS NULL OR decided_why <> '');
CREATE INDEX quarantine_open ON quarantine (id) WHERE decision IS NULL;
CREATE INDEX quarantine_of_zone ON quarantine (zone_id) WHERE decision IS NULL;

CREATE FUNCTION quarantine_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what waited is kept for ever (R6)';
    END IF;
    IF OLD.decision IS NOT NULL OR
       to_jsonb(NEW) - '{decision,decided_by,decided_at,decided_why}'::text[] IS DISTINCT FROM
       to_jsonb(OLD) - '{decision,decided_by,decided_at,decided_why}'::text[] THEN
        RAISE EXCEPTION 'what waits is decided once and never rewritten (R17)';
    END IF;
    -- Whoever imported a row never decides what it would take away; a newer file may make it moot (R2, R17).
    IF NEW.decision <> 'moot' AND
       NEW.decided_by = (SELECT operator_id FROM zone_import WHERE id = NEW.import_id) THEN
        RAISE EXCEPTION 'whoever imported a row does not decide it (R17)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quarantine_is_decided_once BEFORE UPDATE OR DELETE ON quarantine
    FOR EACH ROW EXECUTE FUNCTION quarantine_is_decided_once();
