package dev.caravan.commit;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Copy;
import dev.caravan.lake.Lake;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to commit to a stream. Safe for any number of threads; the slices of a run share one.
 *
 * <p>On one machine the operating system's lock proves who lives; between machines a row in PostgreSQL says it, which is
 * renewed in the background. The epoch, written to the log as a fence commit, sees to it that a run which lost its lease
 * nevertheless cannot commit.
 */
public final class Lease implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

    private final StreamKey stream;
    private final Lake lake;
    private final StateStore store;
    private final CommitLog log;
    private final Delivery delivery;
    private final Tenure tenure;
    private final Commit fence;
    private final Recovered recovered;
    private final WholeCheckpoint checkpoint;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private Lease(
            StreamKey stream,
            Lake lake,
            StateStore store,
            CommitLog log,
            Delivery delivery,
            Tenure tenure,
            Commit fence,
            Recovered recovered) {
        this.stream = stream;
        this.lake = lake;
        this.store = store;
        this.log = log;
        this.delivery = delivery;
        this.tenure = tenure;
        this.fence = fence;
        this.recovered = recovered;
        this.checkpoint = new WholeCheckpoint(this);
    }

    /**
     * Takes the lease, mends what a crash left, and fences off whoever had it before.
     *
     * @param lake where its files lie
     * @param run id of the run that asks
     * @throws LeaseHeldException if another run has it
     * @throws CommitReadException if the log is damaged
     */
    public static Lease take(StreamKey stream, Lake lake, StateStore store, String run, Clock clock) {
        return take(stream, lake, store, Delivery.NONE, run, clock);
    }

    /**
     * The same for rows that their sink delivers further; what was committed and not delivered is delivered now.
     *
     * @throws dev.caravan.failure.PullException if that is not possible
     */
    public static Lease take(
            StreamKey stream, Lake lake, StateStore store, Delivery delivery, String run, Clock clock) {
        CommitLog log = new CommitLog(stream, lake, clock);
        try {
            Tenure tenure = Tenure.take(stream, lake, store, log, run, clock);
            try {
                return take(stream, lake, store, delivery, run, log, tenure);
            } catch (RuntimeException | Error e) {
                store.unleased(stream);
                tenure.close();
                throw e;
            }
        } catch (IOException e) {
            throw CommitWriteException.of(stream, stream.folder(lake.data()), "taking the lease", e);
        }
    }

    private static Lease take(
            StreamKey stream,
            Lake lake,
            StateStore store,
            Delivery delivery,
            String run,
            CommitLog log,
            Tenure tenure) {
        store.leased(stream);
        Recovery recovery = new Recovery(stream, lake, log, store, delivery, tenure.epoch());
        recovery.compare();
        // The fence comes before anything is deleted: on another machine somebody may wake up and go on.
        Commit fence = log.append(tenure.epoch(), run, Draft.fence(), null);
        Lease lease = new Lease(stream, lake, store, log, delivery, tenure, fence, recovery.run(fence));
        lease.checkpoint.writeIfDue();
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

    /** Returns the rejected records that are committed. */
    public List<SealedFile> rejects() {
        return List.copyOf(Holdings.of(log).rejects());
    }

    public CommitLog log() {
        return log;
    }

    /** The stream's folder. */
    public Path folder() {
        return stream.folder(lake.data());
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
        try (tenure) {
            try {
                store.flush(stream);
            } finally {
                store.unleased(stream);
            }
            checkpoint.trimIfTold();
            lake.deleteIfEmpty(staging());
            lake.deleteIfEmpty(folder().resolve(Staging.FOLDER));
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder(), "releasing the lease", e);
        }
    }

    /**
     * Makes sure that no later lease was taken. To be asked when a staged file or its folder has vanished: a later lease
     * deletes what an earlier one staged.
     *
     * @throws LeaseLostException if one was
     */
    public void requireLatest() {
        log.lastBefore(epoch(), run());
    }

    /**
     * Takes into the lake what was written to this lease's staging folder, so that a commit may name it. Slices do so on their own,
     * because a commit keeps the others waiting.
     *
     * @param rows files with paths relative to the stream's folder
     * @param rejects files with paths relative to {@code data/}
     * @throws LeaseLostException if a file is gone because another run has taken over
     * @throws CommitWriteException if that is not possible now
     */
    public void stage(List<SealedFile> rows, List<SealedFile> rejects) {
        try {
            List<Path> written = new ArrayList<>();
            rows.forEach(file -> written.add(folder().resolve(file.staged())));
            rejects.forEach(file -> written.add(lake.data().resolve(file.staged())));
            lake.stage(written);
        } catch (IOException e) {
            requireLatest();
            throw CommitWriteException.of(stream, folder(), "staging a batch", e);
        }
    }

    /** Returns a committed file of rows as one of this disk. */
    public Copy copy(SealedFile rows) throws IOException {
        return lake.copy(folder().resolve(rows.path()));
    }

    /** Deletes what was staged and is named by no commit; what cannot be deleted is left to the next lease. */
    public void delete(List<SealedFile> rows, List<SealedFile> rejects) {
        try {
            for (SealedFile file : rows) {
                lake.delete(folder().resolve(file.staged()));
            }
            for (SealedFile file : rejects) {
                lake.delete(lake.data().resolve(file.staged()));
            }
        } catch (IOException e) {
            LOG.debug("{}: staged files are left to the next lease: {}", stream.id(), e.toString());
        }
    }

    void requireHeld() {
        if (!held.get()) {
            throw LeaseLostException.released(stream, run(), epoch());
        }
        tenure.requireHeld();
    }

    WholeCheckpoint checkpoint() {
        return checkpoint;
    }

    Lake lake() {
        return lake;
    }

    StateStore store() {
        return store;
    }

    /** Where rows go from the folder they are committed in. */
    Delivery delivery() {
        return delivery;
    }
}
