-- What comes after a warning: updates, corrections, ends and renewals.
-- depends: 0016_area

ALTER TABLE alert
    ADD COLUMN release_id uuid REFERENCES release,
    DROP CONSTRAINT alert_state_check,
    ADD CONSTRAINT alert_state_check CHECK (state IN
        ('draft', 'submitted', 'approved', 'sending', 'sent', 'returned', 'rejected', 'withdrawn', 'replaced')),
    ADD CONSTRAINT alert_first_is_a_warning CHECK ((message = 'warning') = (follows IS NULL)),
    ADD CONSTRAINT alert_ends_by_a_release CHECK ((message = 'end') = (release_id IS NOT NULL)),
    ADD CONSTRAINT alert_has_two_people CHECK (approved_at IS NULL OR approver_id IS NOT NULL OR message = 'correction');

-- Two drafts of one warning would each be written without knowing of the other; two messages after one would both be true.
CREATE UNIQUE INDEX alert_one_open_follower ON alert (lineage)
    WHERE message IN ('update', 'end') AND state IN ('draft', 'submitted', 'returned');
CREATE UNIQUE INDEX alert_followed_once ON alert (follows) WHERE approved_at IS NOT NULL;
CREATE INDEX alert_expiring ON alert (expires_at) WHERE state IN ('approved', 'sending', 'sent');

CREATE FUNCTION alert_follows_its_lineage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.follows IS NOT NULL AND NOT EXISTS (
        SELECT FROM alert earlier
         WHERE earlier.id = NEW.follows AND earlier.lineage = NEW.lineage AND earlier.exercise = NEW.exercise
           AND earlier.approved_at IS NOT NULL AND earlier.revision < NEW.revision) THEN
        RAISE EXCEPTION 'a message follows an earlier one that was told, of its own lineage and world (R20, R27)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_follows_its_lineage BEFORE INSERT ON alert
    FOR EACH ROW EXECUTE FUNCTION alert_follows_its_lineage();

CREATE FUNCTION alert_lives_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.lineage, NEW.revision, NEW.message, NEW.follows, NEW.release_id)
       IS DISTINCT FROM (OLD.lineage, OLD.revision, OLD.message, OLD.follows, OLD.release_id) THEN
        RAISE EXCEPTION 'which message an alert is, and which it follows, is fixed at creation';
    END IF;
    IF NEW.state <> OLD.state AND
       (OLD.state IN ('rejected', 'replaced') OR OLD.state = 'withdrawn' AND NEW.state <> 'replaced'
        OR OLD.approved_at IS NOT NULL AND NEW.state IN ('draft', 'submitted', 'returned', 'rejected')) THEN
        RAISE EXCEPTION 'an alert that is % does not become %', OLD.state, NEW.state;
    END IF;
    IF NEW.expires_at < OLD.expires_at THEN
        RAISE EXCEPTION 'a renewal only prolongs (R1, R20)';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_lives_forward BEFORE UPDATE ON alert
    FOR EACH ROW EXECUTE FUNCTION alert_lives_forward();
