package dev.caravan.commit;

import com.fasterxml.jackson.core.JacksonException;
import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Lake;
import dev.caravan.slice.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one stream: {@code _commits/<20-digit sequence>.json}, each created whole and only if its number is free.
 *
 * <p>Creating the next number is the compare-and-set that everything rests on. Safe for any number of threads; two logs of
 * one folder, in one process or in two, respect each other.
 */
public final class CommitLog {
    static final String FOLDER = "_commits";
    private static final Pattern NAME = Pattern.compile("\\d{20}\\.json");
    private static final Pattern NUMBERED = Pattern.compile("\\d{20}\\.(json|keys)");

    private final StreamKey stream;
    private final Lake lake;
    private final Path folder;
    private final Path commits;
    private final Clock clock;
    private final Set<Path> durable = new HashSet<>();
    private @Nullable Commit latest;
    private Progress progress = Progress.NONE;
    private long whole;
    private Set<String> keptKeys = Set.of();

    public CommitLog(StreamKey stream, Lake lake, Clock clock) {
        this.stream = stream;
        this.lake = lake;
        this.folder = stream.folder(lake.data());
        this.commits = folder.resolve(FOLDER);
        this.clock = clock;
    }

    /**
     * Returns the newest commit, whoever made it.
     *
     * @throws CommitReadException if it is damaged
     */
    public synchronized Optional<Commit> last() {
        if (latest == null) {
            fromWhole().forEach(this::advance);
        }
        while (latest != null && exists(latest.sequence() + 1)) {
            advance(read(latest.sequence() + 1));
        }
        return Optional.ofNullable(latest);
    }

    private boolean exists(long sequence) {
        Path file = file(sequence);
        try {
            return lake.exists(file);
        } catch (IOException e) {
            throw CommitReadException.unreadable(stream, lake.name(file), "cannot be looked for", e);
        }
    }

    private void advance(Commit commit) {
        progress = commit.isWhole() ? commit.progress() : progress.plus(commit.progress());
        if (commit.isWhole()) {
            whole = commit.sequence();
            keptKeys = WholeCheckpoint.kept(commit);
        }
        latest = commit;
    }

    /** Returns the progress after the newest commit. */
    public synchronized Progress progress() {
        last();
        return progress;
    }

    /** Returns how many commits came after the newest one that says everything, or after the beginning. */
    synchronized long sinceWhole() {
        return last().map(Commit::sequence).orElse(0L) - whole;
    }

    /**
     * Reads what has to be read to know everything: the newest commit that says all that those before it say, or the first of
     * all, and every one after it, one by one.
     *
     * @throws CommitReadException now or while the stream is consumed, if one is damaged or missing
     */
    Stream<Commit> fromWhole() {
        LongSummaryStatistics numbers = numbers();
        long from = numbers.getMax();
        while (from > numbers.getMin() && !read(from).isWhole()) {
            from--;
        }
        return LongStream.rangeClosed(Math.max(from, 1), numbers.getMax()).mapToObj(this::read);
    }

    /**
     * Reads the commits after number {@code sequence} one by one, up to the newest at this moment.
     *
     * @throws CommitReadException while the stream is consumed, if one is damaged or missing
     */
    public Stream<Commit> after(long sequence) {
        LongSummaryStatistics numbers = numbers();
        return LongStream.rangeClosed(Math.max(sequence + 1, numbers.getMin()), numbers.getMax())
                .mapToObj(this::read);
    }

    /**
     * Creates the next commit.
     *
     * @throws LeaseLostException if the lease was released, or another run has a higher epoch; nothing is written then
     * @throws CommitWriteException if it could not be written; it may count nevertheless
     */
    Commit append(Lease lease, Draft draft, @Nullable StagedKeys keys) {
        lease.requireHeld();
        return append(lease.epoch(), lease.run(), draft, keys);
    }

    synchronized Commit append(long epoch, String run, Draft draft, @Nullable StagedKeys keys) {
        try {
            refuseTakenNames(draft);
            makeStagedDurable(epoch);
            while (true) {
                Optional<Commit> last = lastBefore(epoch, run);
                requireOwnEpoch(draft, last.orElse(null), run, epoch);
                long sequence = last.map(Commit::sequence).orElse(0L) + 1;
                Commit commit = draft.at(sequence, epoch, run, progress, keys, clock.instant());
                if (create(commit)) {
                    requireNewest(commit, run, epoch);
                    advance(commit);
                    return commit;
                }
            }
        } catch (IOException e) {
            lastBefore(epoch, run);
            throw CommitWriteException.of(stream, commits, "writing a commit", e);
        }
    }

    /**
     * An epoch is one lease's. Where the lake is a bucket and the state is each machine's own, two machines may have counted to the
     * same one: it belongs to whoever fences first.
     */
    private void requireOwnEpoch(Draft draft, @Nullable Commit last, String run, long epoch) {
        if (draft.kind() == Kind.FENCE && last != null && last.epoch() >= epoch) {
            throw LeaseLostException.to(last, stream, run, epoch);
        }
    }

    /**
     * Returns the newest commit, which is not of a later lease. Also the question to ask when a file has vanished: a later
     * lease deletes what an earlier one staged.
     *
     * @throws LeaseLostException if it is
     */
    Optional<Commit> lastBefore(long epoch, String run) {
        Optional<Commit> last = last();
        if (last.isPresent() && last.get().epoch() > epoch) {
            throw LeaseLostException.to(last.get(), stream, run, epoch);
        }
        return last;
    }

    /**
     * The number may have been free because others went on and let it go, with all the commits before a checkpoint of theirs.
     * Then the commit counts for nobody, and is taken back.
     */
    private void requireNewest(Commit commit, String run, long epoch) throws IOException {
        long before = commit.sequence() - 1;
        boolean newest = before == 0 ? numbers().getMax() == commit.sequence() : isReadable(file(before));
        if (!newest) {
            lake.delete(file(commit.sequence()));
            latest = null;
            throw LeaseLostException.to(last().orElse(commit), stream, run, epoch);
        }
    }

    /** Opens it, because a file system of several machines may answer from memory whether it is there. */
    private boolean isReadable(Path file) throws IOException {
        try (InputStream opened = lake.open(file)) {
            return opened.read() >= 0;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Lets the commits go that a whole checkpoint made superfluous, and their files of keys, from the oldest on. The caller
     * holds the stream's lock.
     */
    synchronized void trim() throws IOException {
        last();
        List<Path> superfluous = lake.list(commits).stream()
                .filter(file -> isBefore(file, whole))
                .filter(file -> !keptKeys.contains(FOLDER + "/" + file.getFileName()))
                .sorted()
                .toList();
        for (Path file : superfluous) {
            lake.delete(file);
        }
        if (!superfluous.isEmpty()) {
            lake.settle(commits, commits);
        }
    }

    private static boolean isBefore(Path file, long sequence) {
        String name = file.getFileName().toString();
        return NUMBERED.matcher(name).matches() && Long.parseLong(name.substring(0, 20)) < sequence;
    }

    /** Deletes what a crash left of commits that never were; the caller holds the stream's lock. */
    int deleteTemporary() throws IOException {
        int deleted = 0;
        for (Path file : lake.list(commits)) {
            if (isTemporary(file)) {
                lake.delete(file);
                deleted++;
            }
        }
        return deleted;
    }

    LongSummaryStatistics numbers() {
        try {
            return lake.list(commits).stream()
                    .map(file -> file.getFileName().toString())
                    .filter(name -> NAME.matcher(name).matches())
                    .mapToLong(name -> Long.parseLong(name.substring(0, 20)))
                    .summaryStatistics();
        } catch (IOException e) {
            throw CommitReadException.unreadable(stream, lake.name(commits), "cannot be listed", e);
        }
    }

    Commit read(long sequence) {
        Path place = file(sequence);
        String file = lake.name(place);
        try {
            Commit commit = StateJson.MAPPER.readValue(lake.read(place), Commit.class);
            if (commit == null || commit.sequence() != sequence) {
                throw new CommitReadException(stream, file, "does not hold the commit of its number", null);
            }
            return commit;
        } catch (NoSuchFileException e) {
            throw new CommitReadException(stream, file, "is missing between others", e);
        } catch (JacksonException e) {
            throw new CommitReadException(stream, file, "is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw CommitReadException.unreadable(stream, file, "cannot be read", e);
        }
    }

    /** A name in use would be overwritten when the commit is published, and with it rows that count. */
    private void refuseTakenNames(Draft draft) throws IOException {
        if (draft.state() != null) {
            return; // it names what is in place
        }
        List<Path> targets = new ArrayList<>();
        for (SealedFile file : draft.files()) {
            targets.add(folder.resolve(file.path()));
        }
        if (draft.kind() != Kind.REPLACE) { // the rejects of a generation lie in place already
            for (SealedFile file : draft.rejects()) {
                targets.add(lake.data().resolve(file.path()));
            }
        }
        Optional<Path> taken = lake.anyOf(targets);
        if (taken.isPresent()) {
            throw new IllegalStateException(
                    "%s exists already: a batch number was used twice in one run".formatted(lake.name(taken.get())));
        }
    }

    /** The names of staged files are as durable as the commit that will name them. */
    private void makeStagedDurable(long epoch) throws IOException {
        Path staging = Staging.of(folder, epoch);
        if (lake.keepNames(staging, durable.contains(staging) ? staging : folder)) {
            durable.add(staging);
        }
    }

    private boolean create(Commit commit) throws IOException {
        return lake.create(file(commit.sequence()), StateJson.MAPPER.writeValueAsBytes(commit));
    }

    private Path file(long sequence) {
        return commits.resolve("%020d.json".formatted(sequence));
    }

    private static boolean isTemporary(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(".") && name.endsWith(".tmp");
    }
}
