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
