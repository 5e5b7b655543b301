package dev.caravan.batch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes the rows of commits to where readers look, if that is not the folder they are committed in: a table, for example. Called
 * with each commit that adds rows, in the order of their numbers; for one commit after the other, and again for the last ones after
 * a crash, perhaps by two runners at once. So it must know which commits it has taken.
 */
public interface Delivery {
    /** For readers of folders. */
    Delivery NONE = commit -> {};

    /**
     * Delivers a commit, all or nothing; does nothing if it was delivered before.
     *
     * @throws IOException if that is not possible now; or a {@link dev.caravan.failure.PullException}, if more is to be said than its
     *     message. The commit counts, and is delivered by the next lease
     */
    void deliver(Delivered commit) throws IOException;

    /**
     * A lease begins: what was gathered under an earlier one is forgotten, for {@link #reached} will tell what is missing. Until that is
     * asked, whoever gathers takes no commit that comes beside what is there.
     */
    default void begin() {}

    /**
     * A slice has ended: a moment for whoever gathers commits of several to deliver them, if that is due.
     *
     * @throws dev.caravan.failure.PullException if that is not possible now
     */
    default void sliceEnded() {}

    /**
     * Delivers what was gathered of commits, where those are not taken one by one: at the end of a run, of a recovery.
     *
     * @throws dev.caravan.failure.PullException if that is not possible now
     */
    default void settle() {}

    /**
     * Returns the number of the last commit that was delivered, 0 if none was. What was committed after it is delivered again by the
     * next lease: a table that was dropped, or restored from a backup, is filled from the files.
     *
     * @throws IOException if that cannot be told now; or a {@link dev.caravan.failure.PullException}
     */
    default long reached() throws IOException {
        return Long.MAX_VALUE;
    }

    /**
     * Returns how many rows are there, for whoever compares; empty where they cannot be counted.
     *
     * @throws dev.caravan.failure.PullException if that cannot be told now
     */
    default Optional<Tally> tally() {
        return Optional.empty();
    }

    /**
     * The rows of a stream where they are delivered to.
     *
     * @param sequence number of the last commit that was delivered
     * @param rows how many there are after it
     * @param where what holds them, for people
     * @param latest whether of several versions of a record only one is there
     */
    record Tally(long sequence, long rows, String where, boolean latest) {}

    /**
     * What is to be delivered.
     *
     * @param sequence number of the commit
     * @param epoch epoch of the lease it was made under
     * @param run id of the run that made it
     * @param replaces whether its rows take the place of all that were delivered before
     * @param portion what its rows take the place of, if that is not all; null if they come beside what is there
     * @param files its rows, in place
     * @param own those that the commit itself has added, by which it is known when it comes again
     */
    record Delivered(
            long sequence,
            long epoch,
            String run,
            boolean replaces,
            @Nullable Portion portion,
            List<Part> files,
            List<Part> own) {
        public Delivered {
            files = List.copyOf(files);
            own = List.copyOf(own);
        }

        /** Returns the hash of what the commit itself has added, by which it is known when it comes again. */
        public String hash() {
            MessageDigest digest = Sha256.digest();
            own.forEach(part -> digest.update(part.sha256().getBytes(StandardCharsets.US_ASCII)));
            return Sha256.hex(digest);
        }

        /** A commit with the rows that it has added. */
        public Delivered(
                long sequence, long epoch, String run, boolean replaces, @Nullable Portion portion, List<Part> files) {
            this(sequence, epoch, run, replaces, portion, files, files);
        }
    }

    /**
     * A file of rows.
     *
     * @param file the file, one after the other on this disk where there may be many
     * @param rows how many
     * @param sha256 hash of its bytes
     */
    record Part(Landed file, long rows, String sha256) {
        /** A file that lies on this disk. */
        public Part(Path file, long rows, String sha256) {
            this(Landed.at(file), rows, sha256);
        }

        /** Has something done with its file. */
        public void with(Landed.Work work) throws IOException {
            file.with(work);
        }
    }
}
