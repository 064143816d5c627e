-- An alert is about a zone, a drawn outline or administrative units; phones are told a few cells of it. Places get numbers.
-- depends: 0015_audience

ALTER TABLE alert
    ALTER COLUMN zone_id DROP NOT NULL,
    ADD COLUMN drawn bytea,
    ADD COLUMN units uuid[] CHECK (cardinality(units) > 0),
    ADD COLUMN cells bigint[] NOT NULL DEFAULT '{}',
    DROP CONSTRAINT alert_reach_m_check,
    ADD CONSTRAINT alert_reach CHECK (reach_m BETWEEN CASE WHEN zone_id IS NULL THEN 0 ELSE 500 END AND 50000),
    ADD CONSTRAINT alert_about_one_thing CHECK (num_nonnulls(zone_id, drawn, units) = 1);

CREATE OR REPLACE FUNCTION alert_keeps_its_promises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.exercise IS DISTINCT FROM OLD.exercise THEN
        RAISE EXCEPTION 'exercise or actual is fixed at creation (R18)';
    END IF;
    IF OLD.approved_at IS NOT NULL AND
       (NEW.approved_at, NEW.snapshot, NEW.severity, NEW.template, NEW.zone_id, NEW.drawn, NEW.units, NEW.cells,
        NEW.reach_m, NEW.place, NEW.place_names, NEW.content)
       IS DISTINCT FROM
       (OLD.approved_at, OLD.snapshot, OLD.severity, OLD.template, OLD.zone_id, OLD.drawn, OLD.units, OLD.cells,
        OLD.reach_m, OLD.place, OLD.place_names, OLD.content) THEN
        RAISE EXCEPTION 'an approved alert does not change';
    END IF;
    RETURN NEW;
END $$;

ALTER TABLE dispatch
    ALTER COLUMN zone_id DROP NOT NULL,
    ADD COLUMN cells bigint[] NOT NULL DEFAULT '{}';

-- Whoever subscribes to a unit has its number, negative, where others have cells (registration_cell, alert_cell).
ALTER TABLE place ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY UNIQUE;
