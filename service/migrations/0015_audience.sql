-- Planning a country: pages cut by cells, who was passed over and why, and what waits because somebody heard enough today.
-- depends: 0014_message

-- Everything that decides how somebody is told, so that a page reads an index and not the sealed addresses beside it.
CREATE INDEX registration_told ON registration (number)
    INCLUDE (written, verified, capped, address_kind, tester_until, languages);

ALTER TABLE batch ADD COLUMN verified boolean NOT NULL DEFAULT true;

-- Why an author says it again to those who know (R21); the second person approves it with the rest.
ALTER TABLE alert ADD COLUMN repeat text NOT NULL DEFAULT '';
CREATE FUNCTION alert_repeat_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an approved alert does not change';
END $$;
CREATE TRIGGER alert_repeat_is_approved BEFORE UPDATE ON alert
    FOR EACH ROW WHEN (OLD.approved_at IS NOT NULL AND NEW.repeat IS DISTINCT FROM OLD.repeat)
    EXECUTE FUNCTION alert_repeat_is_approved();

-- A page ends behind a number in a cell; `place` counts the area's cells, the nearest ring first. `verified`, `ring` and
-- `after` are the place of workers from before, who go ring by ring.
ALTER TABLE alert_plan
    DROP CONSTRAINT alert_plan_pass_check,
    ADD CONSTRAINT alert_plan_pass_check CHECK (pass BETWEEN -1 AND 2),
    ADD COLUMN place integer NOT NULL DEFAULT 0,
    ADD COLUMN number bigint NOT NULL DEFAULT 0,
    ADD COLUMN resume_at timestamptz;
CREATE INDEX alert_plan_resumed ON alert_plan (resume_at) WHERE resume_at IS NOT NULL;

-- Who was passed over when an alert was planned, and the reason. The delayed are looked at again when they are due.
CREATE TABLE alert_skip (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL REFERENCES alert,
    reason text NOT NULL,
    ring smallint NOT NULL,
    lowest bigint NOT NULL,
    highest bigint NOT NULL,
    numbers bigint[] NOT NULL,
    at timestamptz NOT NULL,
    due_at timestamptz
);
CREATE INDEX alert_skip_of ON alert_skip (alert_id, lowest);
CREATE INDEX alert_skip_due ON alert_skip (alert_id, due_at) WHERE due_at IS NOT NULL;
