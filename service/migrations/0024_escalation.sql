-- When a warning goes on by text, what texts cost, and who let it cost more.
-- depends: 0023_phone

ALTER TABLE alert
    -- After how many minutes without a receipt a warning goes on by text; NULL: never.
    ADD COLUMN escalate_minutes integer CHECK (escalate_minutes BETWEEN 1 AND 1440),
    -- By which residents can ask whether a text is real; the same for a whole lineage.
    ADD COLUMN code integer;
CREATE SEQUENCE alert_code;

ALTER TABLE batch ADD COLUMN escalated_at timestamptz;

-- What texts cost, in millionths of the currency of the settings: of an alert, and of a month of all of them.
CREATE TABLE sms_spending (
    alert_id uuid NOT NULL REFERENCES alert,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    spent bigint NOT NULL CHECK (spent >= 0),
    PRIMARY KEY (alert_id, month)
);
CREATE INDEX sms_spending_of_month ON sms_spending (month);

-- An admin lets an alert, or a month, cost more than the settings allow.
CREATE TABLE sms_lift (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid REFERENCES alert,
    month date,
    amount bigint NOT NULL CHECK (amount > 0),
    operator uuid NOT NULL REFERENCES operator,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT of_an_alert_or_a_month CHECK (num_nonnulls(alert_id, month) = 1)
);
