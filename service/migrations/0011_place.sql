-- Administrative units and settlements: what each source says of them. Nothing about residents.
-- depends: 0007_zone_lifecycle

CREATE TABLE place_source (
    id uuid PRIMARY KEY,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    exercise boolean NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    format text NOT NULL,
    -- Whether what nobody else knows is a new place: a register; others only add to places.
    founds boolean NOT NULL,
    licence text NOT NULL CHECK (licence <> ''),
    data_as_of date NOT NULL,
    loaded_at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    UNIQUE (country, exercise, name)
);

CREATE TABLE place (
    id uuid PRIMARY KEY,
    country text NOT NULL,
    exercise boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE place_statement (
    source_id uuid NOT NULL REFERENCES place_source,
    -- Scheme and code by which the source tells its units apart.
    key text NOT NULL CHECK (key <> ''),
    place_id uuid NOT NULL REFERENCES place,
    codes jsonb NOT NULL CHECK (jsonb_array_length(codes) > 0),
    category text CHECK (category IN ('country', 'region', 'autonomous-republic', 'special-city', 'district',
        'community', 'city', 'settlement', 'village', 'city-district')),
    level smallint CHECK (level BETWEEN 0 AND 5),
    names jsonb NOT NULL,
    parent jsonb,
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    radius_m double precision CHECK (radius_m > 0),
    outline bytea,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    -- When the source's newest file no longer named it; it stays.
    missing_since timestamptz,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (source_id, key),
    CHECK ((longitude IS NULL) = (latitude IS NULL))
);
CREATE INDEX place_statement_of ON place_statement (place_id);

-- One row: readers look at it to learn that what they hold is old.
CREATE TABLE places_version (version bigint NOT NULL);
INSERT INTO places_version VALUES (0);

-- A place that a message once named must be found for ever (R6).
CREATE FUNCTION place_is_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'places are marked missing, never deleted';
END $$;
CREATE TRIGGER place_is_never_deleted BEFORE DELETE OR TRUNCATE ON place
    FOR EACH STATEMENT EXECUTE FUNCTION place_is_never_deleted();
CREATE TRIGGER place_statement_is_never_deleted BEFORE DELETE OR TRUNCATE ON place_statement
    FOR EACH STATEMENT EXECUTE FUNCTION place_is_never_deleted();
