-- Risk education given: reports of sessions held, how they changed, and the figures that the public was shown of them.
-- depends: 0026_lesson_bundles

ALTER TABLE operator DROP CONSTRAINT operator_roles_check;
ALTER TABLE operator ADD CONSTRAINT operator_roles_check CHECK (
    cardinality(roles) > 0
    AND roles <@ ARRAY['author', 'approver', 'editor', 'admin', 'educator', 'information-officer']
);

-- A report as it stands. `id` is the sender's own, so that one that is sent twice is kept once; `digest` is of what was
-- first sent under it. `record` is what was reported, `spot` what its place code stands for: place, region, centroid.
CREATE TABLE lesson_report (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    revision integer NOT NULL CHECK (revision > 0),
    withdrawn boolean NOT NULL,
    held_on date NOT NULL,
    record jsonb NOT NULL,
    spot jsonb NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    received_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT no_session_is_planned CHECK (held_on <= (received_at AT TIME ZONE 'UTC')::date + 1)
);
CREATE INDEX lesson_report_by_day ON lesson_report (held_on);

CREATE FUNCTION lesson_report_keeps_its_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a report is withdrawn, never deleted';
    END IF;
    IF (NEW.id, NEW.digest, NEW.operator_id, NEW.received_at)
        IS DISTINCT FROM (OLD.id, OLD.digest, OLD.operator_id, OLD.received_at) THEN
        RAISE EXCEPTION 'who handed a report in, and when, never changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lesson_report_keeps_its_promises BEFORE UPDATE OR DELETE ON lesson_report
    FOR EACH ROW EXECUTE FUNCTION lesson_report_keeps_its_promises();

CREATE TABLE lesson_report_revision (
    report_id uuid NOT NULL REFERENCES lesson_report,
    revision integer NOT NULL,
    at timestamptz NOT NULL,
    operator_id uuid NOT NULL REFERENCES operator,
    why text NOT NULL,
    withdrawn boolean NOT NULL,
    held_on date NOT NULL,
    record jsonb NOT NULL,
    spot jsonb NOT NULL,
    PRIMARY KEY (report_id, revision)
);
CREATE TRIGGER lesson_report_revision_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON lesson_report_revision
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();

-- What the public is shown from a day on, until the next: made once, never changed. `counted` are the exact sums that
-- stand behind it, never shown: the next release changes a sum only where it has moved far enough.
CREATE TABLE lesson_figures (
    cut date PRIMARY KEY,
    held_before date NOT NULL CHECK (held_before < cut),
    counted jsonb NOT NULL
);
CREATE TRIGGER lesson_figures_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON lesson_figures
    FOR EACH STATEMENT EXECUTE FUNCTION zone_history_only_grows();
