package dev.caravan.commit;

import com.fasterxml.jackson.core.JacksonException;
import dev.caravan.batch.SealedFile;
import dev.caravan.slice.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
    private final Path data;
    private final Path folder;
    private final Path commits;
    private final Clock clock;
    private final Set<Path> durable = new HashSet<>();
    private @Nullable Commit latest;
    private Progress progress = Progress.NONE;
    private long whole;
    private Set<String> keptKeys = Set.of();

    public CommitLog(StreamKey stream, Path data, Clock clock) {
        this.stream = stream;
        this.data = data;
        this.folder = stream.folder(data);
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
        while (latest != null && Files.exists(file(latest.sequence() + 1))) {
            advance(read(latest.sequence() + 1));
        }
        return Optional.ofNullable(latest);
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
            Files.deleteIfExists(file(commit.sequence()));
            latest = null;
            throw LeaseLostException.to(last().orElse(commit), stream, run, epoch);
        }
    }

    /** Opens it, because a file system of several machines may answer from memory whether it is there. */
    private static boolean isReadable(Path file) throws IOException {
        try (FileChannel opened = FileChannel.open(file, StandardOpenOption.READ)) {
            return opened.isOpen();
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
        List<Path> superfluous = new ArrayList<>();
        try (Stream<Path> files = Files.list(commits)) {
            files.filter(file -> isBefore(file, whole))
                    .filter(file -> !keptKeys.contains(FOLDER + "/" + file.getFileName()))
                    .sorted()
                    .forEach(superfluous::add);
        } catch (NoSuchFileException e) {
            return;
        }
        for (Path file : superfluous) {
            Files.deleteIfExists(file);
        }
        if (!superfluous.isEmpty()) {
            Folders.sync(commits);
        }
    }

    private static boolean isBefore(Path file, long sequence) {
        String name = file.getFileName().toString();
        return NUMBERED.matcher(name).matches() && Long.parseLong(name.substring(0, 20)) < sequence;
    }

    /** Deletes what a crash left of commits that never were; the caller holds the stream's lock. */
    int deleteTemporary() throws IOException {
        int deleted = 0;
        if (Files.isDirectory(commits)) {
            try (Stream<Path> files = Files.list(commits)) {
                for (Path file : files.filter(CommitLog::isTemporary).toList()) {
                    Files.deleteIfExists(file);
                    deleted++;
                }
            }
        }
        return deleted;
    }

    LongSummaryStatistics numbers() {
        try (Stream<Path> files = Files.list(commits)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> NAME.matcher(name).matches())
                    .mapToLong(name -> Long.parseLong(name.substring(0, 20)))
                    .summaryStatistics();
        } catch (NoSuchFileException e) {
            return new LongSummaryStatistics();
        } catch (IOException e) {
            throw new CommitReadException(stream, commits, "cannot be listed: " + e, e);
        }
    }

    Commit read(long sequence) {
        Path file = file(sequence);
        try {
            Commit commit = StateJson.MAPPER.readValue(Files.readAllBytes(file), Commit.class);
            if (commit == null || commit.sequence() != sequence) {
                throw new CommitReadException(stream, file, "does not hold the commit of its number", null);
            }
            return commit;
        } catch (NoSuchFileException e) {
            throw new CommitReadException(stream, file, "is missing between others", e);
        } catch (JacksonException e) {
            throw new CommitReadException(stream, file, "is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CommitReadException(stream, file, "cannot be read: " + e, e);
        }
    }

    /** A name in use would be overwritten when the commit is published, and with it rows that count. */
    private void refuseTakenNames(Draft draft) {
        if (draft.state() != null) {
            return; // it names what is in place
        }
        for (SealedFile file : draft.files()) {
            refuseTaken(folder.resolve(file.path()));
        }
        if (draft.kind() != Kind.REPLACE) { // the rejects of a generation lie in place already
            for (SealedFile file : draft.rejects()) {
                refuseTaken(data.resolve(file.path()));
            }
        }
    }

    private static void refuseTaken(Path target) {
        if (Files.exists(target)) {
            throw new IllegalStateException(
                    "%s exists already: a batch number was used twice in one run".formatted(target));
        }
    }

    /** The names of staged files are as durable as the commit that will name them. */
    private void makeStagedDurable(long epoch) throws IOException {
        Path staging = Staging.of(folder, epoch);
        if (!Files.isDirectory(staging)) {
            return;
        }
        Folders.sync(staging);
        if (durable.add(staging)) {
            Folders.sync(folder.resolve(Staging.FOLDER));
            Folders.sync(folder);
        }
    }

    private boolean create(Commit commit) throws IOException {
        Folders.create(commits);
        Path target = file(commit.sequence());
        Path whole = commits.resolve("." + UUID.randomUUID() + ".tmp");
        try {
            write(whole, StateJson.MAPPER.writeValueAsBytes(commit));
            boolean created = name(whole, target);
            Folders.sync(commits);
            return created;
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    /** Gives the whole file its name if that is free. */
    private static boolean name(Path whole, Path target) throws IOException {
        try {
            Files.createLink(target, whole);
            return true;
        } catch (FileAlreadyExistsException e) {
            // A server whose answer was lost is asked again, and finds the link that it has just made.
            return Files.isSameFile(whole, target);
        } catch (NoSuchFileException e) {
            // A recovery that slept and takes itself for the latest has tidied it up. The next round sees who is.
            return false;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // No hard links here, so this is a disk of this machine. The stream's lock keeps other processes out, and
            // this
            // log is the process's only one.
            if (Files.exists(target)) {
                return false;
            }
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
    }

    private Path file(long sequence) {
        return commits.resolve("%020d.json".formatted(sequence));
    }

    private static boolean isTemporary(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(".") && name.endsWith(".tmp");
    }
}
