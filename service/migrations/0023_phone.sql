-- Numbers that texts go to: sealed, found by a keyed hash, and only after their owner asked for it.
-- depends: 0022_text_message

ALTER TABLE registration
    DROP CONSTRAINT registration_address_kind_check,
    ADD CONSTRAINT registration_address_kind_check CHECK (address_kind IN ('fid', 'token', 'webpush', 'sms')),
    DROP CONSTRAINT registration_platform_check,
    ADD CONSTRAINT registration_platform_check CHECK (platform IN ('android', 'ios', 'web', 'sms')),
    -- Whether texts may go to its number in `phone`; beside what else decides how somebody is told, for planning.
    ADD COLUMN numbered boolean NOT NULL DEFAULT false,
    -- Whoever is reached by text alone has no address beside the row of `phone`.
    DROP CONSTRAINT address_whole_or_forgotten,
    ADD CONSTRAINT address_whole_or_forgotten CHECK (num_nulls(address, address_hash) IN (0, 2)
        AND (address IS NOT NULL) = (address_kind IS NOT NULL AND address_kind <> 'sms')),
    DROP CONSTRAINT address_or_its_death,
    ADD CONSTRAINT address_or_its_death CHECK ((address_kind IS NULL) = (dead_at IS NOT NULL)),
    ADD CONSTRAINT by_text_once_verified CHECK (address_kind IS DISTINCT FROM 'sms' OR verified = numbered),
    ADD CONSTRAINT by_text_is_a_platform CHECK ((platform = 'sms') = (address_kind IS NOT DISTINCT FROM 'sms'));

DROP INDEX registration_told;
CREATE INDEX registration_told ON registration (number)
    INCLUDE (written, verified, capped, numbered, address_kind, tester_until, languages);

-- The number of one registration: its only address (kind sms), or what is left when a push brings no receipt.
CREATE TABLE phone (
    number bigint PRIMARY KEY REFERENCES registration (number) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    verified_at timestamptz NOT NULL,
    -- The last sign of life: a reply, a code. After 180 days without one its owner is asked; `asked_at` is when.
    alive_at timestamptz NOT NULL,
    asked_at timestamptz,
    -- Since when nothing is sent there: nobody answered, or the operator knows no such number.
    lapsed_at timestamptz,
    consent_wording text NOT NULL,
    consent_language text NOT NULL,
    consent_at timestamptz NOT NULL
);
CREATE INDEX phone_silent ON phone (alive_at);
CREATE INDEX phone_key ON phone (key_id);

-- A number that somebody named and nobody has proved to be his. Nothing goes there but a code; gone after a day.
CREATE TABLE phone_claim (
    number bigint PRIMARY KEY REFERENCES registration (number) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    named_at timestamptz NOT NULL,
    -- A code is to be sent.
    wanted boolean NOT NULL DEFAULT true,
    code_hash bytea CHECK (octet_length(code_hash) = 32),
    code_tries smallint NOT NULL DEFAULT 0,
    code_sent_at timestamptz,
    consent_wording text NOT NULL,
    consent_language text NOT NULL,
    consent_at timestamptz NOT NULL,
    CONSTRAINT code_and_its_time CHECK ((code_hash IS NULL) = (code_sent_at IS NULL))
);
CREATE INDEX phone_claim_hash ON phone_claim (hash);
CREATE INDEX phone_claim_named ON phone_claim (named_at);
CREATE INDEX phone_claim_key ON phone_claim (key_id);

-- How many codes went out today to a number, to numbers like it, at a network's word, and in all: by keyed hashes of
-- the day, which tomorrow name nothing.
CREATE TABLE code_count (
    bucket bytea PRIMARY KEY CHECK (octet_length(bucket) = 32),
    day date NOT NULL,
    codes integer NOT NULL CHECK (codes > 0)
);
CREATE INDEX code_count_of_day ON code_count (day);

-- Who said stop, to us or to the operator: nothing is sent there until its owner writes again.
CREATE TABLE opted_out (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    by_operator boolean NOT NULL,
    at timestamptz NOT NULL
);
