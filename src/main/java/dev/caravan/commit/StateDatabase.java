package dev.caravan.commit;

/**
 * The database behind the state. What is asked of it is SQL that SQLite and PostgreSQL both understand. Safe for any number
 * of threads.
 *
 * <p>Both methods throw {@link StateStoreException} if the database does not answer; then nothing of the work was done.
 */
interface StateDatabase extends AutoCloseable {
    /** Does {@code work} in a transaction that writes. */
    <T> T write(StateSession.Work<T> work);

    /** Does {@code work} in a transaction that only reads, while others write. */
    <T> T read(StateSession.Work<T> work);

    @Override
    void close();
}
