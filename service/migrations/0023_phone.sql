-- Numbers that texts go to: sealed, found by a keyed hash, and only after their owner asked for it.
-- depends: 0022_text_message

ALTER TABLE registration
    DROP CONSTRAINT registration_address_kind_check,
    ADD CONSTRAINT registration_address_kind_check CHECK (address_kind IN ('fid', 'token', 'webpush', 'sms')),
    DROP CONSTRAINT registration_platform_check,
    ADD CONSTRAINT registration_platform_check CHECK (platform IN ('android', 'ios', 'web', 'sms')),
    -- Whoever is reached by text alone has no address beside the row of `phone`.
    DROP CONSTRAINT address_whole_or_forgotten,
    ADD CONSTRAINT address_whole_or_forgotten CHECK (num_nulls(address, address_hash) IN (0, 2)
        AND (address IS NOT NULL) = (address_kind IS NOT NULL AND address_kind <> 'sms')),
    DROP CONSTRAINT address_or_its_death,
    ADD CONSTRAINT address_or_its_death CHECK ((address_kind IS NULL) = (dead_at IS NOT NULL));

-- The number of one registration: its only address (kind sms), or what is left when a push brings no receipt.
CREATE TABLE phone (
    number bigint PRIMARY KEY REFERENCES registration (number) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    code_hash bytea CHECK (octet_length(code_hash) = 32),
    code_tries smallint NOT NULL DEFAULT 0,
    code_sent_at timestamptz,
    verified_at timestamptz,
    -- The last sign of life: a reply, a code, a receipt. After 180 days without one the number is confirmed anew.
    alive_at timestamptz NOT NULL,
    asked_at timestamptz,
    consent_wording text NOT NULL,
    consent_language text NOT NULL,
    consent_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX phone_of_hash ON phone (hash) WHERE verified_at IS NOT NULL;
CREATE INDEX phone_hash ON phone (hash);
CREATE INDEX phone_silent ON phone (alive_at) WHERE verified_at IS NOT NULL;

-- Who said stop, to us or to the operator: nothing is sent there until its owner writes again.
CREATE TABLE opted_out (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    by_operator boolean NOT NULL,
    at timestamptz NOT NULL
);
