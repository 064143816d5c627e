-- What is sent, to whom, and what became of it.
-- depends: 0004_resident

CREATE TABLE dispatch (
    alert_id uuid NOT NULL,
    revision integer NOT NULL,
    severity smallint NOT NULL,
    exercise boolean NOT NULL,
    zone_id uuid NOT NULL,
    reach_m integer NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    stopped_at timestamptz,
    PRIMARY KEY (alert_id, revision)
);

CREATE TABLE dispatch_text (
    alert_id uuid NOT NULL,
    revision integer NOT NULL,
    language text NOT NULL,
    direction text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (alert_id, revision, language),
    FOREIGN KEY (alert_id, revision) REFERENCES dispatch
);

-- The record of sending. `fates` holds one letter a recipient (service/delivery/model.py: Fate), in the order of the audience.
CREATE TABLE batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL,
    revision integer NOT NULL,
    ring smallint NOT NULL,
    language text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done')),
    lowest bigint NOT NULL,
    highest bigint NOT NULL,
    size smallint NOT NULL CHECK (size BETWEEN 1 AND 500),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    fates text NOT NULL,
    FOREIGN KEY (alert_id, revision, language) REFERENCES dispatch_text
);
CREATE INDEX batch_of_alert ON batch (alert_id, revision, lowest);
CREATE INDEX batch_open ON batch (due_at) WHERE state <> 'done';

-- Written once, so that no change of a batch's state copies 500 numbers.
CREATE TABLE batch_audience (
    batch_id bigint PRIMARY KEY REFERENCES batch,
    numbers bigint[] NOT NULL
);

-- One bit a recipient, set by a verified receipt.
CREATE TABLE batch_receipt (
    batch_id bigint PRIMARY KEY REFERENCES batch,
    received bytea NOT NULL
) WITH (fillfactor = 50);

-- One row: whether this installation may send, and what stopped it.
CREATE TABLE sending (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    paused boolean NOT NULL DEFAULT false,
    reason text NOT NULL DEFAULT '',
    epoch text,
    trouble text NOT NULL DEFAULT '',
    changed_at timestamptz
);
INSERT INTO sending DEFAULT VALUES;
