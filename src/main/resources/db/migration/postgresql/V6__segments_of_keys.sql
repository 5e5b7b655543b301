-- Keys lie in segments that are sorted by hash and cut into blocks: what is added at once is a segment, and some are put together
-- when there are many. For each key a block has 16 bytes of its hash and 8 of its cursor, in milliseconds since 1970 or the least
-- number there is. Told of half a million keys, a table with a row for each wrote nearly all of its pages.
CREATE TABLE seen_segment (
    stream_id BIGINT NOT NULL,
    segment   BIGINT NOT NULL,
    keys      BIGINT NOT NULL,
    forever   BIGINT NOT NULL,
    least     BIGINT,
    greatest  BIGINT,
    PRIMARY KEY (stream_id, segment)
);

CREATE TABLE seen_block (
    stream_id BIGINT NOT NULL,
    segment   BIGINT NOT NULL,
    first     BYTEA  NOT NULL,
    keys      BYTEA  NOT NULL,
    crc       BIGINT NOT NULL,
    PRIMARY KEY (stream_id, segment, first)
);

-- Hashes cannot be compressed.
ALTER TABLE seen_block ALTER COLUMN keys SET STORAGE EXTERNAL;

-- As SQLite has it.
CREATE FUNCTION instr(BYTEA, BYTEA) RETURNS INTEGER LANGUAGE sql IMMUTABLE AS 'SELECT position($2 IN $1)';
