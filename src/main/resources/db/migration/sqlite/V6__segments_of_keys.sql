-- Keys lie in segments that are sorted by hash and cut into blocks: what is added at once is a segment, and some are put together
-- when there are many. For each key a block has 16 bytes of its hash and 8 of its cursor, in milliseconds since 1970 or the least
-- number there is. Told of half a million keys, a table with a row for each wrote nearly all of its pages.
CREATE TABLE seen_segment (
    stream_id INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    keys      INTEGER NOT NULL,
    forever   INTEGER NOT NULL,
    least     INTEGER,
    greatest  INTEGER,
    PRIMARY KEY (stream_id, segment)
);

CREATE TABLE seen_block (
    id        INTEGER PRIMARY KEY,
    stream_id INTEGER NOT NULL,
    segment   INTEGER NOT NULL,
    first     BLOB    NOT NULL,
    keys      BLOB    NOT NULL,
    crc       INTEGER NOT NULL
);

CREATE UNIQUE INDEX seen_block_place ON seen_block (stream_id, segment, first);
