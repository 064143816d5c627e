-- Where the danger is: areas, their history, what imports did and what waits for a person.
-- depends: 0002_operator

CREATE TABLE zone (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    external_id text NOT NULL,
    key text NOT NULL,
    exercise boolean NOT NULL,
    class text NOT NULL CHECK (class IN ('sha', 'cha')),
    claim text NOT NULL DEFAULT '',
    hazards text[] NOT NULL CHECK (cardinality(hazards) > 0),
    name text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT '',
    data_as_of date NOT NULL,
    accuracy_m double precision NOT NULL CHECK (accuracy_m >= 0),
    publication text NOT NULL CHECK (publication IN ('outline', 'generalised', 'withheld')),
    official bytea NOT NULL,
    public bytea,
    west double precision,
    south double precision,
    east double precision,
    north double precision,
    attributes jsonb NOT NULL,
    given jsonb,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    stale boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (authority, key, exercise),
    CHECK ((publication = 'withheld') = (public IS NULL)),
    CHECK ((public IS NULL) = (west IS NULL) AND (public IS NULL) = (south IS NULL)
       AND (public IS NULL) = (east IS NULL) AND (public IS NULL) = (north IS NULL))
);
-- East is greater than 180 where an outline crosses the antimeridian.
CREATE INDEX zone_by_box ON zone (exercise, south, north, west, east) WHERE public IS NOT NULL;

CREATE FUNCTION zone_keeps_its_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a zone is never deleted (R6)';
    END IF;
    IF (NEW.id, NEW.authority, NEW.key, NEW.exercise) IS DISTINCT FROM (OLD.id, OLD.authority, OLD.key, OLD.exercise) THEN
        RAISE EXCEPTION 'whose zone it is, and whether it is an exercise, never changes (R27)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER zone_keeps_its_promises BEFORE UPDATE OR DELETE ON zone
    FOR EACH ROW EXECUTE FUNCTION zone_keeps_its_promises();

CREATE TABLE zone_revision (
    zone_id uuid NOT NULL REFERENCES zone,
    revision integer NOT NULL,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    why text NOT NULL,
    record jsonb NOT NULL,
    PRIMARY KEY (zone_id, revision)
);

CREATE TABLE zone_cell (
    cell bigint NOT NULL,
    zone_id uuid NOT NULL REFERENCES zone,
    PRIMARY KEY (cell, zone_id)
);
CREATE INDEX zone_cell_of ON zone_cell (zone_id);

CREATE TABLE zone_import (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    dated date NOT NULL,
    exercise boolean NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    counts jsonb NOT NULL,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator
);

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id uuid NOT NULL REFERENCES zone_import,
    row_no integer NOT NULL,
    external_id text,
    reason text NOT NULL,
    detail text NOT NULL,
    remedy text NOT NULL,
    record jsonb NOT NULL,
    -- One row of a source waits once, however often it is imported.
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32)
);
CREATE INDEX quarantine_of ON quarantine (import_id, row_no);

CREATE TABLE zones_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version bigint NOT NULL
);
INSERT INTO zones_version (version) VALUES (0);

CREATE FUNCTION zone_history_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER zone_revision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON zone_revision
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
CREATE TRIGGER zone_import_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON zone_import
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
