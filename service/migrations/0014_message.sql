-- An alert is one message; messages about the same warning share a lineage, and the later follow the earlier. Batches know
-- their channel.
-- depends: 0013_import_troubles

ALTER TABLE alert
    ADD COLUMN lineage uuid,
    ADD COLUMN message text NOT NULL DEFAULT 'warning' CHECK (message IN ('warning', 'update', 'correction', 'end')),
    ADD COLUMN follows uuid REFERENCES alert;
UPDATE alert SET lineage = id;
ALTER TABLE alert
    ALTER COLUMN lineage SET NOT NULL,
    ADD CONSTRAINT alert_one_of_each_revision UNIQUE (lineage, revision),
    ADD CONSTRAINT alert_first_of_its_lineage CHECK ((follows IS NULL) = (lineage = id));

ALTER TABLE dispatch
    ADD COLUMN lineage uuid,
    ADD COLUMN message text NOT NULL DEFAULT 'warning';
UPDATE dispatch SET lineage = alert_id;
ALTER TABLE dispatch
    ALTER COLUMN lineage SET NOT NULL,
    ADD CONSTRAINT dispatch_one_of_each_revision UNIQUE (lineage, revision);

ALTER TABLE batch ADD COLUMN channel text NOT NULL DEFAULT 'fcm';
