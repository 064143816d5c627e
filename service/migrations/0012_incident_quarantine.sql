-- What waits of imports of incidents is closed once: dismissed by a person, or moot as a later import took the incident.
-- depends: 0010_incident

ALTER TABLE incident_quarantine
    -- The incident's, where the row has an id that can be read.
    ADD COLUMN key text NOT NULL DEFAULT '',
    ADD COLUMN decision text CHECK (decision IN ('dismissed', 'moot')),
    ADD COLUMN decided_by uuid REFERENCES operator,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_why text NOT NULL DEFAULT '',
    ADD CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
    ADD CHECK (decision IS NULL OR decided_why <> ''),
    DROP CONSTRAINT incident_quarantine_digest_key;
ALTER TABLE incident_quarantine ALTER COLUMN key DROP DEFAULT;
-- One row of a source waits once, however often it is imported; one that was dismissed does not come back. One that
-- became moot does: it is in doubt anew.
CREATE UNIQUE INDEX incident_quarantine_once ON incident_quarantine (digest) WHERE decision IS DISTINCT FROM 'moot';
CREATE INDEX incident_quarantine_open ON incident_quarantine (id) WHERE decision IS NULL;
CREATE INDEX incident_quarantine_of ON incident_quarantine (import_id);
CREATE INDEX incident_quarantine_key ON incident_quarantine (key) WHERE decision IS NULL;

CREATE FUNCTION incident_quarantine_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what waited is kept for ever (R6)';
    END IF;
    IF OLD.decision IS NOT NULL OR
       to_jsonb(NEW) - '{decision,decided_by,decided_at,decided_why}'::text[] IS DISTINCT FROM
       to_jsonb(OLD) - '{decision,decided_by,decided_at,decided_why}'::text[] THEN
        RAISE EXCEPTION 'what waits is closed once and never rewritten';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_quarantine_is_decided_once BEFORE UPDATE OR DELETE ON incident_quarantine
    FOR EACH ROW EXECUTE FUNCTION incident_quarantine_is_decided_once();
