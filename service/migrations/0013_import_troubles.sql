-- An import that is tried again says why the last try failed, and how many bytes of its file were read.
-- depends: 0012_incident_quarantine

ALTER TABLE zone_import
    DROP CONSTRAINT zone_import_check,
    ADD CONSTRAINT zone_import_trouble
        CHECK (CASE state WHEN 'failed' THEN trouble IS NOT NULL WHEN 'waiting' THEN true WHEN 'running' THEN true
               ELSE trouble IS NULL END),
    -- Since when no try has brought anything.
    ADD COLUMN troubled_since timestamptz,
    ADD COLUMN bytes_done bigint NOT NULL DEFAULT 0,
    ADD COLUMN bytes_total bigint;
