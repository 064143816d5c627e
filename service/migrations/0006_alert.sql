-- What is warned, who wrote it, who approved it, how far it got.
-- depends: 0005_delivery

CREATE TABLE alert (
    id uuid PRIMARY KEY,
    revision integer NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN
        ('draft', 'submitted', 'approved', 'sending', 'sent', 'returned', 'rejected', 'withdrawn')),
    exercise boolean NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    template text NOT NULL,
    zone_id uuid NOT NULL REFERENCES zone,
    reach_m integer NOT NULL CHECK (reach_m BETWEEN 500 AND 50000),
    place text NOT NULL,
    place_names jsonb NOT NULL DEFAULT '{}',
    author_id uuid NOT NULL REFERENCES operator,
    submitter_id uuid REFERENCES operator,
    approver_id uuid REFERENCES operator,
    created_at timestamptz NOT NULL,
    content bytea,
    approved_at timestamptz,
    expires_at timestamptz,
    snapshot jsonb,
    withdrawn_at timestamptz,
    correction jsonb,
    CHECK ((approved_at IS NULL) = (snapshot IS NULL)),
    CHECK (approver_id IS DISTINCT FROM submitter_id OR approver_id IS NULL),
    CHECK (approver_id IS DISTINCT FROM author_id OR approver_id IS NULL)
);
CREATE INDEX alert_by_time ON alert (created_at DESC);

CREATE FUNCTION alert_keeps_its_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.exercise IS DISTINCT FROM OLD.exercise THEN
        RAISE EXCEPTION 'exercise or actual is fixed at creation (R18)';
    END IF;
    IF OLD.approved_at IS NOT NULL AND
       (NEW.approved_at, NEW.snapshot, NEW.severity, NEW.template, NEW.zone_id, NEW.reach_m, NEW.place,
        NEW.place_names, NEW.content)
       IS DISTINCT FROM
       (OLD.approved_at, OLD.snapshot, OLD.severity, OLD.template, OLD.zone_id, OLD.reach_m, OLD.place,
        OLD.place_names, OLD.content) THEN
        RAISE EXCEPTION 'an approved alert does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_keeps_its_promises BEFORE UPDATE ON alert
    FOR EACH ROW EXECUTE FUNCTION alert_keeps_its_promises();

CREATE TABLE alert_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL REFERENCES alert,
    at timestamptz NOT NULL,
    act text NOT NULL,
    operator_id uuid REFERENCES operator,
    reason text NOT NULL DEFAULT ''
);
CREATE INDEX alert_event_of ON alert_event (alert_id, id);

-- The approved area at H3 resolutions 4 to 7; `ring` stands at resolution 7 only, which is what registrations hold.
CREATE TABLE alert_cell (
    cell bigint NOT NULL,
    alert_id uuid NOT NULL REFERENCES alert,
    ring smallint,
    PRIMARY KEY (cell, alert_id)
);
CREATE INDEX alert_cell_of ON alert_cell (alert_id, ring);

-- Where planning stands. The row's lock is what makes a registration planned once: pages take it for update, joiners for share.
CREATE TABLE alert_plan (
    alert_id uuid PRIMARY KEY REFERENCES alert,
    seen_from xid8,
    settled_at xid8,
    pass smallint NOT NULL DEFAULT 0 CHECK (pass BETWEEN 0 AND 2),
    verified boolean NOT NULL DEFAULT true,
    ring smallint NOT NULL DEFAULT 0,
    after bigint NOT NULL DEFAULT 0,
    last_ring smallint NOT NULL
);
