-- What phones pull: signed key sets, packs with their deltas, the signed index of each world.
-- depends: 0007_zone_lifecycle

CREATE TABLE publication_key_set (
    version bigint PRIMARY KEY CHECK (version > 0),
    document bytea NOT NULL,
    sha256 text NOT NULL,
    at timestamptz NOT NULL
);
CREATE TRIGGER publication_key_set_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON publication_key_set
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();

-- Packs that must be made anew, by cell or `elsewhere`, since when.
CREATE TABLE publication_due (
    world text NOT NULL CHECK (world IN ('live', 'exercise')),
    cell text NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (world, cell)
);

CREATE TABLE publication_pack (
    world text NOT NULL CHECK (world IN ('live', 'exercise')),
    cell text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    size bigint NOT NULL,
    sha256 text NOT NULL,
    deltas_from bigint NOT NULL CHECK (deltas_from BETWEEN 1 AND version),
    PRIMARY KEY (world, cell)
);

-- Packs and deltas as they are served. `sha256` is of the bytes before compression and never changes; the bodies do
-- once, when they are made smaller. Those of an older version stay a while for who reads an older index.
CREATE TABLE publication_document (
    path text PRIMARY KEY,
    world text NOT NULL CHECK (world IN ('live', 'exercise')),
    cell text NOT NULL,
    since bigint,
    until bigint NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    br bytea NOT NULL,
    zstd bytea NOT NULL,
    gzip bytea NOT NULL,
    final boolean NOT NULL,
    superseded_at timestamptz
);
ALTER TABLE publication_document
    ALTER br SET STORAGE EXTERNAL, ALTER zstd SET STORAGE EXTERNAL, ALTER gzip SET STORAGE EXTERNAL;
CREATE INDEX publication_document_of ON publication_document (world, cell, until);
CREATE INDEX publication_document_rough ON publication_document (path) WHERE NOT final;
CREATE INDEX publication_document_old ON publication_document (superseded_at) WHERE superseded_at IS NOT NULL;

CREATE TABLE publication_index (
    world text PRIMARY KEY CHECK (world IN ('live', 'exercise')),
    version bigint NOT NULL,
    made timestamptz,
    labels text NOT NULL DEFAULT '',
    document bytea,
    sha256 text
);
INSERT INTO publication_index (world, version) VALUES ('live', 0), ('exercise', 0);

CREATE FUNCTION publication_never_goes_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version < OLD.version THEN
        RAISE EXCEPTION 'a version only grows: phones refuse an older one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publication_index_never_goes_back BEFORE UPDATE ON publication_index
    FOR EACH ROW EXECUTE FUNCTION publication_never_goes_back();
CREATE TRIGGER publication_pack_never_goes_back BEFORE UPDATE ON publication_pack
    FOR EACH ROW EXECUTE FUNCTION publication_never_goes_back();
