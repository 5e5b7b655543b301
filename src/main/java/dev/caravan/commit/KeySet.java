package dev.caravan.commit;

/** Which of a stream's two sets of keys is meant. */
public enum KeySet {
    /** Keys of the rows that count. */
    COUNTING,
    /** Keys of the rows of a generation that does not count yet. */
    PENDING
}
