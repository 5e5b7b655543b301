package dev.caravan.commit;

import dev.caravan.lake.Folders;
import dev.caravan.lake.Lake;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What keeps others from a stream: the operating system's lock, with a state in PostgreSQL a row there too. Safe for any
 * number of threads.
 *
 * <p>The lock proves who lives on this machine; only the row reaches other machines. So with PostgreSQL the data may lie on
 * a network file system, where there is no lock.
 */
final class Tenure implements Closeable {
    private final @Nullable StreamLock lock;
    private final @Nullable Claim claim;
    private final long epoch;

    private Tenure(@Nullable StreamLock lock, @Nullable Claim claim, long epoch) {
        this.lock = lock;
        this.claim = claim;
        this.epoch = epoch;
    }

    /**
     * Takes a stream that nobody has.
     *
     * @throws LeaseHeldException if somebody has it
     */
    static Tenure take(StreamKey stream, Lake lake, StateStore store, CommitLog log, String run, Clock clock)
            throws IOException {
        Claims claims = store.claims();
        Path data = lake.data();
        Path folder = stream.folder(data);
        if (claims == null) {
            LocalDisk.require(data);
            Folders.create(folder);
            StreamLock lock = StreamLock.take(stream, folder, Holder.here(Machine.name(), run, clock.instant()));
            return closing(lock, () -> new Tenure(lock, null, nextEpoch(stream, store, log)));
        }
        Folders.create(folder);
        Holder holder = Holder.here(claims.machine(), run, clock.instant());
        StreamLock lock = LocalDisk.holds(data) ? lock(stream, folder, holder) : null;
        return closing(lock, () -> {
            if (lock == null) {
                lake.requireCreatesOnce(folder);
            }
            Claim claim = claims.take(stream, holder, lock != null, nextEpoch(stream, store, log), clock);
            return new Tenure(lock, claim, claim.epoch());
        });
    }

    private static long nextEpoch(StreamKey stream, StateStore store, CommitLog log) {
        return 1 + Math.max(store.epoch(stream), log.last().map(Commit::epoch).orElse(0L));
    }

    /** Returns the lock, or null if a process of another name has it: which of the two has the stream is for the row to say. */
    private static @Nullable StreamLock lock(StreamKey stream, Path folder, Holder holder) throws IOException {
        StreamLock.Answer answer = StreamLock.ask(folder, holder);
        String other = answer.other().host();
        if (answer.lock() == null && (other == null || other.equals(holder.host()))) {
            throw LeaseHeldException.by(stream, answer.other());
        }
        return answer.lock();
    }

    private static Tenure closing(@Nullable StreamLock lock, Taking taking) throws IOException {
        try {
            return taking.take();
        } catch (RuntimeException | Error | IOException e) {
            if (lock != null) {
                lock.close();
            }
            throw e;
        }
    }

    private interface Taking {
        Tenure take() throws IOException;
    }

    /** The epoch of whoever commits during this tenure. */
    long epoch() {
        return epoch;
    }

    /** Whether whoever had the stream before has certainly ended. If not, it may wake up, and only a fence keeps it out. */
    boolean isQuiet() {
        return claim == null || claim.isQuiet();
    }

    /**
     * Makes sure that the stream was not taken by another machine meanwhile.
     *
     * @throws LeaseLostException if it was, or may have been
     */
    void requireHeld() {
        if (claim != null) {
            claim.requireHeld();
        }
    }

    @Override
    public void close() throws IOException {
        // The row first: it says whether its holder has the lock.
        if (claim != null) {
            claim.close();
        }
        if (lock != null) {
            lock.close();
        }
    }
}
