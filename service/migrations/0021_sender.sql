-- Processes that send, each with its last sign of life by the database's own clock: without Redis they divide a
-- provider's budget among them.
-- depends: 0020_receipts

CREATE TABLE sender (
    id uuid PRIMARY KEY,
    beat_at timestamptz NOT NULL
) WITH (fillfactor = 50);
