-- depends: 0001_jobs

CREATE TABLE operator (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    folded text NOT NULL UNIQUE,
    roles text[] NOT NULL CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['author', 'approver', 'editor', 'admin']),
    key_hash bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE operator_change (
    id uuid PRIMARY KEY,
    act text NOT NULL CHECK (act IN ('add', 'roles', 'new-key', 'revoke')),
    operator_id uuid REFERENCES operator,
    name text,
    roles text[],
    asked_by uuid NOT NULL REFERENCES operator,
    asked_at timestamptz NOT NULL,
    confirmed_by uuid REFERENCES operator,
    confirmed_at timestamptz,
    CHECK (confirmed_by <> asked_by),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CHECK ((act = 'add') = (operator_id IS NULL)),
    CHECK ((act = 'add') = (name IS NOT NULL)),
    CHECK ((act IN ('add', 'roles')) = (roles IS NOT NULL))
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    operator_id uuid REFERENCES operator,
    act text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL
);

CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail only grows: % is refused', TG_OP;
END
$$;

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
