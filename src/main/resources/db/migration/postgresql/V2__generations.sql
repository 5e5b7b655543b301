-- A stream has two sets of keys: those of the rows that count, and those of a generation that does not count yet. They take
-- turns in being which: seen_key.stream_id is id for one and -id for the other.
ALTER TABLE stream ADD COLUMN swapped INTEGER NOT NULL DEFAULT 0;

-- Number of the generation that does not count yet, null without one.
ALTER TABLE stream ADD COLUMN generation BIGINT;
