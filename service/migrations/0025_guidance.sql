-- Guidance as phones keep it: a bundle for each language, its deltas, and the pictures that bundles name.
-- depends: 0024_escalation

-- A language that is not offered any more keeps its row: whoever holds its bundle refuses an older version for ever.
CREATE TABLE guidance_bundle (
    language text PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    size bigint NOT NULL,
    sha256 text NOT NULL,
    deltas_from bigint NOT NULL CHECK (deltas_from BETWEEN 1 AND version),
    offered boolean NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE TRIGGER guidance_bundle_never_goes_back BEFORE UPDATE ON guidance_bundle
    FOR EACH ROW EXECUTE FUNCTION publication_never_goes_back();

-- Bundles, deltas and pictures as they are served, by their path under /v1/guidance/. `owner` is a language, or `pictures`.
-- Those of an older version stay a while for who reads an older index.
CREATE TABLE guidance_document (
    path text PRIMARY KEY,
    owner text NOT NULL,
    since bigint,
    until bigint NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    br bytea NOT NULL,
    zstd bytea NOT NULL,
    gzip bytea NOT NULL,
    superseded_at timestamptz
);
ALTER TABLE guidance_document
    ALTER br SET STORAGE EXTERNAL, ALTER zstd SET STORAGE EXTERNAL, ALTER gzip SET STORAGE EXTERNAL;
CREATE INDEX guidance_document_of ON guidance_document (owner, until);

-- The hash of the guidance that a world's index names.
ALTER TABLE publication_index ADD COLUMN guidance text NOT NULL DEFAULT '';
