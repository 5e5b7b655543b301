package dev.caravan.commit;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Lake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is on the disk with what the commits of a stream say: every committed file is counted and hashed again.
 * Changes nothing that counts. One use, one thread.
 */
public final class Verify {
    /** What holders and fences are called that are not a run's. */
    private static final String RUN = "verify";

    private final StreamKey stream;
    private final Lake lake;
    private final Path data;
    private final Path folder;
    private final CommitLog log;
    private final Clock clock;
    private final Delivery delivery;
    private final Set<String> named = new HashSet<>();
    private final List<Problem> problems = new ArrayList<>();
    private long commits;
    private long files;
    private long rows;
    private long rejected;

    public Verify(StreamKey stream, Lake lake, Clock clock) {
        this(stream, lake, Delivery.NONE, clock);
    }

    /** @param delivery where rows go from the folder they are committed in */
    public Verify(StreamKey stream, Lake lake, Delivery delivery, Clock clock) {
        this.delivery = delivery;
        this.stream = stream;
        this.lake = lake;
        this.data = lake.data();
        this.folder = stream.folder(data);
        this.log = new CommitLog(stream, lake, clock);
        this.clock = clock;
    }

    /**
     * Finishes what a crash interrupted, as every lease does; a stream that is being pulled needs no help and is left
     * alone.
     *
     * @return whether it was done
     */
    public boolean recover(StateStore store) {
        if (log.numbers().getCount() == 0 && !Files.isDirectory(folder)) {
            return false;
        }
        try (Tenure tenure = Tenure.take(stream, lake, store, log, RUN, clock)) {
            Recovery recovery = new Recovery(stream, lake, log, store, delivery, tenure.epoch());
            recovery.compare();
            recovery.run(tenure.isQuiet() ? null : log.append(tenure.epoch(), RUN, Draft.fence(), null));
            return true;
        } catch (LeaseHeldException e) {
            return false;
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder, "recovery", e);
        }
    }

    /**
     * Looks at every commit and every file.
     *
     * @throws CommitReadException if the log itself is damaged
     */
    public Verified run() {
        try {
            // The files first: whatever is there now was committed before, also while a run goes on.
            Set<String> present = new TreeSet<>();
            lake.visible(folder).forEach(file -> present.add(name(file)));
            lake.visible(data.resolve(stream.rejects())).forEach(file -> present.add(name(file)));
            Holdings holdings = Holdings.of(log);
            commits = holdings.commits();
            check(holdings);
            compare(holdings);
            present.removeAll(named);
            present.forEach(path -> add(Problem.What.UNCOMMITTED, path, "No commit names it; move it aside."));
            return new Verified(commits, files, rows, rejected, problems);
        } catch (IOException e) {
            throw CommitReadException.unreadable(stream, lake.name(folder), "cannot be read", e);
        }
    }

    private void check(Holdings holdings) throws IOException {
        for (SealedFile file : holdings.files()) {
            rows += check(folder, file);
        }
        for (SealedFile file : holdings.rejects()) {
            rejected += check(data, file);
        }
        for (KeySpan span : holdings.keys()) {
            check(span);
        }
        CommittedState.Pending pending = holdings.pending();
        if (pending != null) {
            for (SealedFile file : pending.files()) {
                check(folder, file);
            }
            for (SealedFile file : pending.rejects()) {
                check(data, file);
            }
            for (KeySpan span : pending.keys()) {
                check(span);
            }
        }
        holdings.namedTwice()
                .forEach(
                        path -> add(Problem.What.NAMED_TWICE, path, "Two commits name it; restore one from a backup."));
    }

    /** Where rows are delivered to there are as many of them; while a run goes on, both change. */
    private void compare(Holdings holdings) {
        long committed = holdings.files().stream().mapToLong(SealedFile::rows).sum();
        delivery.tally()
                .filter(tally -> tally.sequence() == holdings.changed())
                .filter(tally -> tally.latest()
                        ? tally.rows() > committed || (tally.rows() == 0 && committed > 0)
                        : tally.rows() != committed)
                .ifPresent(tally -> add(
                        Problem.What.ALTERED,
                        tally.where(),
                        "The commits have %,d rows%s, it has %,d. To fill it again, drop it together with the stream's rows in _caravan_commits, and verify once more."
                                .formatted(committed, tally.latest() ? " or less" : "", tally.rows())));
    }

    private long check(Path base, SealedFile file) throws IOException {
        return check(base, file.path(), file.staged(), file.sha256(), file.rows());
    }

    private void check(KeySpan span) throws IOException {
        CommittedKeys keys = span.file();
        check(folder, keys.path(), keys.staged(), keys.sha256(), keys.count());
    }

    /** Returns {@code expected} if the file is as committed, 0 otherwise. */
    private long check(Path base, String path, String staged, String sha256, long expected) throws IOException {
        files++;
        String name = name(base.resolve(path));
        named.add(name);
        FileCheck found = find(base, path, staged);
        if (found == null) {
            add(Problem.What.MISSING, name, "The commits have %d rows in it.".formatted(expected));
            return 0;
        }
        if (!found.sha256().equals(sha256)) {
            add(
                    Problem.What.ALTERED,
                    name,
                    "The commits have SHA-256 %s, the file %s.".formatted(sha256, found.sha256()));
            return 0;
        }
        if (found.rows() >= 0 && found.rows() != expected) {
            add(Problem.What.ALTERED, name, "The commits have %d rows, the file %d.".formatted(expected, found.rows()));
            return 0;
        }
        return expected;
    }

    /** A run may be moving it at this moment: where it goes, where it comes from, and once more where it goes. */
    private @Nullable FileCheck find(Path base, String path, String staged) throws IOException {
        for (String each : List.of(path, staged, path)) {
            try {
                return FileCheck.of(lake, base.resolve(each));
            } catch (NoSuchFileException e) {
                // Not there; the next place follows.
            }
        }
        return null;
    }

    private String name(Path file) {
        return data.relativize(file).toString().replace('\\', '/');
    }

    private void add(Problem.What what, String path, String detail) {
        problems.add(new Problem(what, path, detail));
    }
}
