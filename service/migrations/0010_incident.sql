-- Accidents and finds: what is on record, how it changed, what imports did, and which totals the public sees.
-- depends: 0007_zone_lifecycle

CREATE TABLE incident (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    external_id text NOT NULL,
    key text NOT NULL CHECK (key <> ''),
    exercise boolean NOT NULL,
    kind text NOT NULL CHECK (kind IN ('accident', 'find', 'other', 'unknown')),
    -- Where the source gives only a month or a year, its first day.
    happened_on date NOT NULL,
    precision text NOT NULL CHECK (precision IN ('day', 'month', 'year')),
    -- What the source calls the level, its code there, its name: of the first level, and of the second.
    region text[] NOT NULL CHECK (cardinality(region) = 3),
    district text[] NOT NULL CHECK (cardinality(district) = 3),
    locality text NOT NULL,
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    device text NOT NULL,
    victims jsonb NOT NULL,
    attributes jsonb NOT NULL,
    data_as_of date NOT NULL,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    revision integer NOT NULL CHECK (revision > 0),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (authority, key, exercise),
    CHECK ((longitude IS NULL) = (latitude IS NULL))
);
CREATE INDEX incident_by_year ON incident (authority, happened_on) WHERE NOT exercise;

CREATE FUNCTION incident_keeps_its_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an incident is never deleted';
    END IF;
    IF (NEW.id, NEW.authority, NEW.key, NEW.exercise) IS DISTINCT FROM (OLD.id, OLD.authority, OLD.key, OLD.exercise) THEN
        RAISE EXCEPTION 'whose incident it is, and whether it is an exercise, never changes (R27)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_keeps_its_promises BEFORE UPDATE OR DELETE ON incident
    FOR EACH ROW EXECUTE FUNCTION incident_keeps_its_promises();

CREATE TABLE incident_revision (
    incident_id uuid NOT NULL REFERENCES incident,
    revision integer NOT NULL,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    why text NOT NULL,
    record jsonb NOT NULL,
    PRIMARY KEY (incident_id, revision)
);
CREATE TRIGGER incident_revision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_revision
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();

CREATE TABLE incident_import (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    dated date NOT NULL,
    exercise boolean NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    counts jsonb NOT NULL,
    -- What was stated of the columns; the next import of this authority goes by it unless it states its own.
    source_map jsonb,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator
);
CREATE TRIGGER incident_import_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON incident_import
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();

CREATE TABLE incident_quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES incident_import,
    row_no integer NOT NULL,
    external_id text,
    reason text NOT NULL,
    detail text NOT NULL,
    remedy text NOT NULL,
    record jsonb NOT NULL,
    -- One row of a source waits once, however often it is imported.
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32)
);

-- The totals of one authority and year. What was public once never changes: two versions that differ by one event
-- would give that event away. Exercises have none.
CREATE TABLE incident_totals (
    authority text NOT NULL,
    year integer NOT NULL CHECK (year BETWEEN 1900 AND 2999),
    data_as_of date NOT NULL,
    figures jsonb NOT NULL,
    asked_by uuid NOT NULL REFERENCES operator,
    asked_at timestamptz NOT NULL,
    approved_by uuid REFERENCES operator,
    approved_at timestamptz,
    frozen_at timestamptz,
    PRIMARY KEY (authority, year),
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (approved_by <> asked_by),
    CHECK (approved_at IS NULL OR frozen_at IS NOT NULL)
);

CREATE FUNCTION incident_totals_stay_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'totals are withdrawn, never deleted';
    END IF;
    IF OLD.frozen_at IS NOT NULL AND (NEW.frozen_at, NEW.figures, NEW.data_as_of, NEW.authority, NEW.year)
        IS DISTINCT FROM (OLD.frozen_at, OLD.figures, OLD.data_as_of, OLD.authority, OLD.year) THEN
        RAISE EXCEPTION 'totals that were public never change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_totals_stay_frozen BEFORE UPDATE OR DELETE ON incident_totals
    FOR EACH ROW EXECUTE FUNCTION incident_totals_stay_frozen();
