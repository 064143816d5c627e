-- Topics, for phones that register nothing: the keys that name them, and the messages that go to them.
-- depends: 0018_web_push

-- Every key there ever was: what follows an alert goes to the topics that the alert went to. Phones are given the keys, so
-- that nothing here is a secret; a key that differs would lose every warning, so none ever changes.
CREATE TABLE topic_generation (
    exercise boolean NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    since timestamptz NOT NULL,
    PRIMARY KEY (exercise, number)
);
CREATE FUNCTION topic_generation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the key of a topic never changes: phones follow the names that it made';
END $$;
CREATE TRIGGER topic_generation_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON topic_generation
    FOR EACH STATEMENT EXECUTE FUNCTION topic_generation_stays();

-- A row says that a dispatch has been planned for topics, in which generations, and how much ground beyond its area they cover.
CREATE TABLE topic_plan (
    alert_id uuid NOT NULL,
    revision integer NOT NULL,
    generations integer[] NOT NULL,
    excess real NOT NULL,
    planned_at timestamptz NOT NULL,
    PRIMARY KEY (alert_id, revision),
    FOREIGN KEY (alert_id, revision) REFERENCES dispatch
);

-- One message to up to five topics; `fate` is one letter (service/delivery/model.py: Fate).
CREATE TABLE topic_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL,
    revision integer NOT NULL,
    language text NOT NULL,
    ring smallint NOT NULL,
    topics text[] NOT NULL CHECK (cardinality(topics) BETWEEN 1 AND 5),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done')),
    fate text NOT NULL DEFAULT 'w',
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    FOREIGN KEY (alert_id, revision, language) REFERENCES dispatch_text,
    FOREIGN KEY (alert_id, revision) REFERENCES topic_plan
);
CREATE INDEX topic_letter_of_alert ON topic_letter (alert_id, revision);
CREATE INDEX topic_letter_open ON topic_letter (due_at) WHERE state <> 'done';

-- What phones are told of the scheme; the signed index of the world names it by its hash.
CREATE TABLE publication_topics (
    world text PRIMARY KEY CHECK (world IN ('live', 'exercise')),
    document bytea NOT NULL,
    sha256 text NOT NULL
);
