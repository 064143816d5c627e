-- Whom we may warn. No coordinate, no name, no phone number: a sealed address, languages, coarse cells.
-- depends: 0003_zone

CREATE TABLE registration (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    platform text NOT NULL CHECK (platform IN ('android', 'ios')),
    address_kind text CHECK (address_kind IN ('fid', 'token')),
    address bytea,
    address_hash bytea CHECK (octet_length(address_hash) = 32),
    languages text[] NOT NULL CHECK (cardinality(languages) BETWEEN 1 AND 8),
    verified boolean NOT NULL DEFAULT false,
    capped boolean NOT NULL DEFAULT false,
    network_hash bytea,
    tester_until timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    dead_at timestamptz,
    dead_reason text,
    -- The transaction that last changed whether and how this registration is warned; planning's second pass starts from it.
    written xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT address_whole_or_forgotten CHECK (num_nulls(address_kind, address, address_hash) IN (0, 3)),
    CONSTRAINT address_or_its_death CHECK ((address IS NULL) = (dead_at IS NOT NULL)),
    CONSTRAINT network_only_while_unverified CHECK (network_hash IS NULL OR NOT verified),
    CONSTRAINT capped_only_while_unverified CHECK (NOT (capped AND verified))
);
CREATE INDEX registration_of_address ON registration (address_hash);
CREATE INDEX registration_written ON registration (written);
CREATE INDEX registration_of_network ON registration (network_hash) WHERE network_hash IS NOT NULL;

CREATE TABLE registration_cell (
    cell bigint NOT NULL,
    number bigint NOT NULL REFERENCES registration (number) ON DELETE CASCADE,
    PRIMARY KEY (cell, number)
);
CREATE INDEX registration_cell_of ON registration_cell (number);

-- What a phone was called before its present registration took over: a correction of what it was told then still finds it.
CREATE TABLE registration_past (
    past bigint PRIMARY KEY,
    number bigint NOT NULL REFERENCES registration (number) ON DELETE CASCADE
);
CREATE INDEX registration_past_of ON registration_past (number);

CREATE TABLE tester_code (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    uses_left integer NOT NULL CHECK (uses_left >= 0),
    expires_at timestamptz NOT NULL,
    issued_by uuid NOT NULL REFERENCES operator,
    created_at timestamptz NOT NULL
);
