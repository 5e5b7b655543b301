package dev.caravan.commit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to commit to a stream. Safe for any number of threads; the slices of a run share one.
 *
 * <p>On one machine the operating system's lock proves who lives. The epoch, written to the log as a fence commit, sees to
 * it that a run which lost its lease nevertheless cannot commit.
 */
public final class Lease implements AutoCloseable {
    private final StreamKey stream;
    private final Path data;
    private final StateStore store;
    private final CommitLog log;
    private final StreamLock lock;
    private final Commit fence;
    private final Recovered recovered;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private Lease(
            StreamKey stream,
            Path data,
            StateStore store,
            CommitLog log,
            StreamLock lock,
            Commit fence,
            Recovered recovered) {
        this.stream = stream;
        this.data = data;
        this.store = store;
        this.log = log;
        this.lock = lock;
        this.fence = fence;
        this.recovered = recovered;
    }

    /**
     * Takes the lease, mends what a crash left, and fences off whoever had it before.
     *
     * @param data the folder that holds everything
     * @param run id of the run that asks
     * @throws LeaseHeldException if another run has it
     * @throws CommitReadException if the log is damaged
     */
    public static Lease take(StreamKey stream, Path data, StateStore store, String run, Clock clock) {
        LocalDisk.require(data);
        Path folder = stream.folder(data);
        try {
            Folders.create(folder);
            StreamLock lock = StreamLock.take(stream, folder, run, clock);
            try {
                return take(stream, data, store, run, new CommitLog(stream, data, clock), lock);
            } catch (RuntimeException | Error e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder, "taking the lease", e);
        }
    }

    private static Lease take(
            StreamKey stream, Path data, StateStore store, String run, CommitLog log, StreamLock lock) {
        Recovered recovered = new Recovery(stream, data, log, store).run();
        long epoch =
                1 + Math.max(store.epoch(stream), log.last().map(Commit::epoch).orElse(0L));
        Commit fence = log.append(epoch, run, Draft.fence(), null);
        store.apply(stream, fence, List.of());
        Lease lease = new Lease(stream, data, store, log, lock, fence, recovered);
        new WholeCheckpoint(lease).writeIfDue();
        return lease;
    }

    public StreamKey stream() {
        return stream;
    }

    public String run() {
        return fence.run();
    }

    public long epoch() {
        return fence.epoch();
    }

    /** What taking this lease had to mend. */
    public Recovered recovered() {
        return recovered;
    }

    public CommitLog log() {
        return log;
    }

    /** The stream's folder. */
    public Path folder() {
        return stream.folder(data);
    }

    /** Where this lease's files wait for their commit; created by whoever writes first. */
    public Path staging() {
        return Staging.of(folder(), epoch());
    }

    /** Gives the lease back. Whoever still writes under it fails; calling it again does nothing. */
    @Override
    public void close() {
        if (!held.compareAndSet(true, false)) {
            return;
        }
        try (lock) {
            Folders.deleteIfEmpty(staging());
            Folders.deleteIfEmpty(folder().resolve(Staging.FOLDER));
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder(), "releasing the lease", e);
        }
    }

    void requireHeld() {
        if (!held.get()) {
            throw LeaseLostException.released(stream, run(), epoch());
        }
    }

    Path data() {
        return data;
    }

    StateStore store() {
        return store;
    }
}
