-- When a warning goes on by text, what texts cost, and who let it cost more.
-- depends: 0023_phone

CREATE SEQUENCE alert_code;
ALTER TABLE alert
    -- After how many minutes without a receipt a warning goes on by text; NULL: never.
    ADD COLUMN escalate_minutes integer CHECK (escalate_minutes BETWEEN 1 AND 1440),
    -- By which residents can ask whether a text is real; the same for a whole lineage.
    ADD COLUMN code integer;
UPDATE alert SET code = first.code
  FROM (SELECT lineage, nextval('alert_code') AS code FROM alert WHERE follows IS NULL ORDER BY created_at) AS first
 WHERE alert.lineage = first.lineage;
ALTER TABLE alert ALTER COLUMN code SET NOT NULL, ALTER COLUMN code SET DEFAULT nextval('alert_code');
CREATE UNIQUE INDEX alert_code_of_lineage ON alert (code) WHERE follows IS NULL;

CREATE FUNCTION alert_goes_on_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an approved alert does not change, and no alert its number';
END $$;
CREATE TRIGGER alert_goes_on_as_approved BEFORE UPDATE ON alert
    FOR EACH ROW WHEN (NEW.code IS DISTINCT FROM OLD.code
        OR OLD.approved_at IS NOT NULL AND NEW.escalate_minutes IS DISTINCT FROM OLD.escalate_minutes)
    EXECUTE FUNCTION alert_goes_on_as_approved();

ALTER TABLE batch
    -- Of texts: the push to the same phones that brought no sign of life.
    ADD COLUMN source bigint REFERENCES batch,
    -- Whether its recipients stand in another batch of the same message as well, so that nobody is counted twice.
    ADD COLUMN beside boolean NOT NULL DEFAULT false,
    -- Of a push: a bit for each recipient of whom it is decided whether a text goes; `escalated_at` once it is of all.
    ADD COLUMN decided bit varying,
    ADD COLUMN escalated_at timestamptz,
    -- Of texts: what was set aside for them or spent on them, in millionths, of which month; since when they wait for more.
    ADD COLUMN cost bigint NOT NULL DEFAULT 0 CHECK (cost >= 0),
    ADD COLUMN cost_month date,
    ADD COLUMN parked_at timestamptz;
CREATE INDEX batch_silent ON batch (alert_id, revision, created_at) WHERE escalated_at IS NULL AND channel <> 'sms';
CREATE INDEX batch_parked ON batch (alert_id, revision) WHERE parked_at IS NOT NULL;

-- By which channel somebody was passed over; NULL: by all.
ALTER TABLE alert_skip ADD COLUMN channel text;

-- What texts cost, in millionths of the currency of the settings: of an alert, and of a month of all of them.
-- `stopped_at` is the limit, lifts included, at which nothing more was let go.
CREATE TABLE sms_month (
    month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    stopped_at bigint
);
CREATE TABLE sms_spending (
    alert_id uuid PRIMARY KEY,
    spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    stopped_at bigint
);

-- An admin lets an alert, or a month, cost more than the settings allow.
CREATE TABLE sms_lift (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid,
    month date CHECK (extract(day FROM month) = 1),
    amount bigint NOT NULL CHECK (amount > 0),
    operator uuid NOT NULL REFERENCES operator,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT of_an_alert_or_a_month CHECK (num_nonnulls(alert_id, month) = 1)
);
CREATE INDEX sms_lift_of ON sms_lift (alert_id, month);
