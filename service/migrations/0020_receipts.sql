-- Receipts: one bit a recipient, joined in one step when many come at once. Those of phones that nobody knows are counts.
-- depends: 0019_topics

ALTER TABLE batch_receipt RENAME TO batch_receipt_before;
CREATE TABLE batch_receipt (
    batch_id bigint PRIMARY KEY REFERENCES batch,
    received bit varying NOT NULL
) WITH (fillfactor = 50);
INSERT INTO batch_receipt (batch_id, received)
    SELECT batch_id, (SELECT string_agg(get_bit(received, place)::text, '' ORDER BY place)
                        FROM generate_series(0, size - 1) AS place)::bit varying
      FROM batch_receipt_before JOIN batch ON batch.id = batch_id;
DROP TABLE batch_receipt_before;

-- What operators were shown of an alert last: everybody sees the same figures, and no new ones within 10 s (R26).
CREATE TABLE alert_look (
    alert_id uuid PRIMARY KEY REFERENCES alert,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    counts jsonb
);

-- Receipts of phones that nobody knows: how many came from a cell of resolution 5, and nothing else.
CREATE TABLE unverified_receipt (
    alert_id uuid NOT NULL REFERENCES alert,
    cell bigint NOT NULL,
    heard integer NOT NULL CHECK (heard > 0),
    PRIMARY KEY (alert_id, cell)
);

-- What providers answered, since the tables were made: no message, no person, no place.
CREATE TABLE outcome_count (
    channel text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (channel, outcome, reason)
);

-- Registrations that stand for nobody: test messages to them try the whole path. They hold no cells, so no alert reaches them.
CREATE TABLE canary (
    channel text NOT NULL,
    language text NOT NULL,
    -- Missing once the registration is gone: the alarm goes on until another takes its place.
    number bigint UNIQUE REFERENCES registration (number) ON DELETE SET NULL,
    -- Whether its phone sends receipts; else the provider's word is the answer.
    answers boolean NOT NULL,
    marked_at timestamptz NOT NULL,
    asked_at timestamptz,
    batch_id bigint REFERENCES batch ON DELETE SET NULL,
    answered_at timestamptz,
    delay_s double precision,
    PRIMARY KEY (channel, language)
);
