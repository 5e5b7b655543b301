-- What an operator said of a stream: go on, pause, drain, stop. A stream without a row goes on. Milliseconds since 1970.
CREATE TABLE stream_mode (
    connection TEXT    NOT NULL,
    stream     TEXT    NOT NULL,
    origin     TEXT    NOT NULL,
    mode       TEXT    NOT NULL CHECK (mode IN ('active', 'paused', 'draining', 'stopped')),
    since      BIGINT  NOT NULL,
    said_by    TEXT    NOT NULL,
    PRIMARY KEY (connection, stream, origin)
);
