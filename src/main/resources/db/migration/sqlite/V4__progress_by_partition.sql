-- How far each partition has come, a row each: a commit changes its own and leaves the others alone. What is not of a partition
-- stays in stream.progress; what is there of partitions was written by an earlier version, and counts where no row says more.
CREATE TABLE partition_progress (
    stream_id INTEGER NOT NULL,
    unit      TEXT    NOT NULL,
    part      TEXT    NOT NULL,
    place     INTEGER NOT NULL,
    progress  TEXT    NOT NULL,
    PRIMARY KEY (stream_id, unit, part)
) WITHOUT ROWID;
