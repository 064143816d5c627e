-- Receipts: one bit a recipient, joined in one step when many come at once. Those of phones that nobody knows are counts.
-- depends: 0014_message

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
