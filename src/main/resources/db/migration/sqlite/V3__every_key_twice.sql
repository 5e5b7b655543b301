-- Every key is in the table and in the index, those without a cursor too: a check of the file compares the two, and so finds
-- a key that something has altered.
DROP INDEX seen_key_expiry;
CREATE INDEX seen_key_expiry ON seen_key (stream_id, cursor);
