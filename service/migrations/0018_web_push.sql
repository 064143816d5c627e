-- Phones and browsers that are reached by Web Push (RFC 8030), and the public key that they subscribe with.
-- depends: 0017_life

ALTER TABLE registration
    DROP CONSTRAINT registration_address_kind_check,
    ADD CONSTRAINT registration_address_kind_check CHECK (address_kind IN ('fid', 'token', 'webpush')),
    DROP CONSTRAINT registration_platform_check,
    ADD CONSTRAINT registration_platform_check CHECK (platform IN ('android', 'ios', 'web'));

-- One row, once a worker that has the private half (RFC 8292) wrote it: the API tells it and holds nothing secret.
CREATE TABLE web_push_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 65),
    since timestamptz NOT NULL
);
