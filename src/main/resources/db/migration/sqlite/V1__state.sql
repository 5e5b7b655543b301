-- How far each stream is, as its commits say. Rebuilt from them when lost.
CREATE TABLE stream (
    id            INTEGER PRIMARY KEY,
    connection    TEXT    NOT NULL,
    stream        TEXT    NOT NULL,
    origin        TEXT    NOT NULL CHECK (origin IN ('real', 'stub')),
    sequence      INTEGER NOT NULL DEFAULT 0,
    epoch         INTEGER NOT NULL DEFAULT 0,
    progress      TEXT    NOT NULL DEFAULT '{"partitions":[]}',
    definition    TEXT,
    pruned_before INTEGER,
    UNIQUE (connection, stream, origin)
);

-- Hashes of the keys that may come again. Cursor in milliseconds since 1970; without one a key is never forgotten.
CREATE TABLE seen_key (
    stream_id INTEGER NOT NULL,
    hash      BLOB    NOT NULL,
    cursor    INTEGER,
    PRIMARY KEY (stream_id, hash)
) WITHOUT ROWID;

CREATE INDEX seen_key_expiry ON seen_key (stream_id, cursor) WHERE cursor IS NOT NULL;

-- Times below are milliseconds since 1970 too.
CREATE TABLE run (
    run        TEXT    NOT NULL,
    connection TEXT    NOT NULL,
    stream     TEXT    NOT NULL,
    origin     TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    started    INTEGER NOT NULL,
    ended      INTEGER,
    summary    TEXT,
    PRIMARY KEY (connection, stream, origin, run)
) WITHOUT ROWID;

CREATE INDEX run_started ON run (started);

CREATE TABLE schedule (
    connection    TEXT NOT NULL,
    stream        TEXT NOT NULL,
    origin        TEXT NOT NULL,
    last_started  INTEGER,
    last_finished INTEGER,
    next_due      INTEGER,
    PRIMARY KEY (connection, stream, origin)
) WITHOUT ROWID;
