-- Text messages: what they say, and a ledger of each, so that an operator takes every text once and none is lost.
-- depends: 0021_sender

ALTER TABLE dispatch_text ADD COLUMN sms text NOT NULL DEFAULT '';

-- One text to one number. No number and no words stand here: which message of ours it was, and what became of it. A row is
-- committed before the text is handed over, so that a crash leaves a question and not a gap.
CREATE TABLE sms_text (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint REFERENCES batch,
    number bigint,
    template text NOT NULL,
    revision integer NOT NULL,
    provider text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('waiting', 'asked', 'taken', 'unanswered', 'refused', 'delivered', 'failed', 'unknown')),
    segments smallint NOT NULL CHECK (segments > 0),
    -- A part of the number's keyed hash: a report that nobody has the number must not end the one that came after it.
    mark integer,
    -- How often it was taken, or may have been; more than once only where nobody could say.
    handed smallint NOT NULL DEFAULT 1 CHECK (handed BETWEEN 0 AND 2),
    asked_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT of_a_batch_or_none CHECK ((batch_id IS NULL) = (number IS NULL)),
    CONSTRAINT one_of_each_recipient UNIQUE (batch_id, number)
);
CREATE INDEX sms_text_open ON sms_text (asked_at) WHERE state IN ('asked', 'unanswered');
CREATE INDEX sms_text_marked ON sms_text (asked_at) WHERE mark IS NOT NULL;
CREATE INDEX sms_text_alone ON sms_text (asked_at) WHERE batch_id IS NULL;

-- By which ids an operator's reports name the parts of a text, and what they said last. A report that comes before the
-- answer with the id waits here without a text: both write the same row, so neither can miss the other.
CREATE TABLE sms_part (
    provider text NOT NULL,
    message_id text NOT NULL,
    text_id bigint REFERENCES sms_text ON DELETE CASCADE,
    -- Whether the whole text has arrived once this part has.
    is_last boolean NOT NULL DEFAULT false,
    arrival text,
    at timestamptz NOT NULL,
    PRIMARY KEY (provider, message_id)
);
CREATE INDEX sms_part_of ON sms_part (text_id);
CREATE INDEX sms_part_at ON sms_part (at);
CREATE INDEX sms_part_ended ON sms_part (text_id) WHERE arrival IN ('unknown-subscriber', 'opted-out');
