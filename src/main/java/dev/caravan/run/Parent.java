package dev.caravan.run;

import dev.caravan.commit.CommittedFiles;
import dev.caravan.connection.Request;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.Copy;
import dev.caravan.sink.LandedRows;
import dev.caravan.slice.ParentSettings;
import dev.caravan.slice.ParentSettings.From;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The stream whose records are the partitions of another, as that other sees it. Safe for any number of threads. */
final class Parent {
    /** Slices of a run that takes what is new, about; the next run takes the rest. */
    private static final int PORTION = 10_000;

    /** Records of a parent that a trial asks for: enough to show what its child would pull. */
    private static final int TRIAL_RECORDS = 20;

    private static final int MOST_TRIES = 5;

    /** More than a row of a parent needs beside its record. */
    private static final int ADDED = 1 << 20;

    private final StreamDefinition child;
    private final ParentSettings settings;
    private final int group;
    private final Engine engine;

    /** @param group how many of its partitions share a slice */
    Parent(StreamDefinition child, ParentSettings settings, int group, Engine engine) {
        this.child = child;
        this.settings = settings;
        this.group = group;
        this.engine = engine;
    }

    /**
     * What a run finds of its parent.
     *
     * @param partitions of this run
     * @param sequence the commit up to which they are; 0 if they are not of commits
     * @param more whether other records are new too, and wait for the next run
     */
    record Found(List<Partition> partitions, long sequence, boolean more) {}

    /** Returns the parent's id: that of the same account. */
    String id() {
        return engine.streams().parentOf(child).map(LiveStream::id).orElse(settings.stream());
    }

    private LiveStream live() {
        return engine.streams()
                .parentOf(child)
                .orElseThrow(() -> new PullException(
                        Remedy.STOP, "%s: its parent '%s' is not there".formatted(child.id(), settings.stream())));
    }

    /**
     * Sees to it that the parent's records are there: asks the API for them if that is wanted; or the parent for a run, if it
     * never had one. A run that somebody has asked for is waited for, so that both may be asked for at once.
     */
    Awaited await(RunRequest request) {
        LiveStream parent = live();
        Trial shown = request.trial();
        boolean trial = shown != null;
        if (settings.from() == From.API || (trial && isUntouched(parent))) {
            ParentRows rows = rows(parent, null);
            RunRequest asked = RunRequest.now()
                    .withTrial(new Trial(
                            shown == null ? Long.MAX_VALUE : Math.max(TRIAL_RECORDS, shown.partitions()),
                            line -> rows.add(line.getBytes(StandardCharsets.UTF_8)),
                            reject -> {},
                            trialRequests(request)))
                    .withVars(request.vars());
            parent.ask(asked);
            return awaited(request, asked.done(), rows);
        }
        if (trial) {
            return Awaited.nothing(request);
        }
        Optional<CompletableFuture<RunSummary>> underWay = parent.askedRun();
        if (underWay.isEmpty() && isUntouched(parent)) {
            underWay = parent.runUnderWay();
            if (underWay.isEmpty()) {
                RunRequest first = RunRequest.now();
                parent.ask(first);
                underWay = Optional.of(first.done());
            }
        }
        return underWay.map(run -> awaited(request, run, null)).orElseGet(() -> Awaited.nothing(request));
    }

    private static Consumer<Request> trialRequests(RunRequest request) {
        Trial trial = request.trial();
        return trial == null ? sent -> {} : trial.request();
    }

    private Awaited awaited(RunRequest request, CompletableFuture<RunSummary> run, @Nullable ParentRows rows) {
        return new Awaited(request, id(), run.thenApply(Optional::of), rows);
    }

    private boolean isUntouched(LiveStream parent) {
        return CommittedFiles.of(parent.key(), engine.lake(), engine.clock()).untouched();
    }

    private ParentRows rows(LiveStream parent, @Nullable Window window) {
        return new ParentRows(child.id(), parent.definition(), parent.shape(), settings, window);
    }

    /**
     * Returns the partitions of a run.
     *
     * @param after only of records that landed after this commit of the parent; 0 for all
     * @param inPortions whether the next run may take the rest
     * @param window only records whose cursor lies in it; null for all
     * @throws PullException if the parent has nothing because its run failed, or too much
     */
    Found found(Awaited awaited, long after, boolean inPortions, @Nullable Window window) {
        LiveStream parent = live();
        ParentRows asked = awaited.asked();
        if (asked != null) {
            return new Found(asked.partitions(), 0, false);
        }
        for (int attempt = 1; ; attempt++) {
            CommittedFiles files = CommittedFiles.of(parent.key(), engine.lake(), engine.clock());
            if (files.untouched()) {
                requirePulled(awaited);
            }
            // A log that begins anew counts from 1 again.
            long from = after > files.sequence() ? 0 : after;
            try {
                return read(parent, files, from, inPortions, window);
            } catch (IOException e) {
                // Another generation may just have taken the place of the one whose files were listed.
                boolean changed = files.sequence()
                        != CommittedFiles.of(parent.key(), engine.lake(), engine.clock())
                                .sequence();
                if (!changed || attempt == MOST_TRIES) {
                    throw new PullException(
                            Remedy.STOP,
                            "%s: what is committed of its parent %s cannot be read: %s; 'verify %s' tells more"
                                    .formatted(child.id(), parent.id(), e.getMessage(), parent.id()),
                            e);
                }
            }
        }
    }

    private void requirePulled(Awaited awaited) {
        RunSummary run = awaited.summary().orElse(null);
        if (run != null && run.status() == RunStatus.DONE) {
            return;
        }
        throw new PullException(
                Remedy.STOP,
                "%s: its parent %s has not been pulled yet%s"
                        .formatted(child.id(), id(), run == null || run.error() == null ? "" : ": " + run.error()));
    }

    private Found read(LiveStream parent, CommittedFiles files, long after, boolean inPortions, @Nullable Window window)
            throws IOException {
        ParentRows rows = rows(parent, window);
        long portion = Math.min((long) PORTION * group, ParentRows.MOST / 2);
        long reached = after;
        for (CommittedFiles.Added file : files.files()) {
            if (file.sequence() <= after) {
                continue;
            }
            if (inPortions && rows.size() >= portion && file.sequence() > reached) {
                // All of a commit or nothing: the mark is a commit's number.
                return new Found(rows.partitions(), reached, true);
            }
            try (Copy copy = file.copy().orElseThrow(() -> new IOException(file.name() + " is not there"))) {
                LandedRows.read(copy.file(), engine.maxRecord() * 2 + ADDED, rows::add);
            }
            reached = file.sequence();
        }
        return new Found(rows.partitions(), files.sequence(), false);
    }

    /** Returns {@code some} and {@code others}, each once. */
    static List<Partition> union(List<Partition> some, List<Partition> others) {
        Set<Partition> all = new LinkedHashSet<>(some);
        all.addAll(others);
        return new ArrayList<>(all);
    }
}
