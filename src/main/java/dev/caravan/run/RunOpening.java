package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.commit.Committer;
import dev.caravan.commit.Draft;
import dev.caravan.commit.KeyHistory;
import dev.caravan.commit.KeySet;
import dev.caravan.commit.Lease;
import dev.caravan.commit.OldRejects;
import dev.caravan.commit.Remembered;
import dev.caravan.commit.RunKeys;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordForm;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SlicePlanner;
import dev.caravan.slice.SliceProgress;
import dev.caravan.slice.Span;
import dev.caravan.slice.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens runs of a stream: takes the lease, plans the slices, and makes ready where they land. One run at a time; between them
 * it holds only when it last looked for rejects that are old.
 */
final class RunOpening {
    /** By how much a cursor without a zone may have been read too early, where clocks go back. */
    private static final Duration LONGEST_OVERLAP = Duration.ofHours(3);

    /** By how much a day may end later in one zone than in another. */
    private static final Duration LONGEST_OVERLAP_OF_DAYS = Duration.ofHours(26);

    private static final Duration LOOK_EVERY = Duration.ofHours(1);

    private final LiveStream stream;
    private final StreamDefinition definition;
    private final Engine engine;
    private final StreamPlan plan;
    private final @Nullable Parent parent;
    private final List<OpenSink> sinks;
    private Instant lookForRejects = Instant.MIN;

    /** @param parent whose records are the stream's partitions, null if they are listed */
    RunOpening(LiveStream stream, Engine engine, StreamPlan plan, @Nullable Parent parent) {
        this.stream = stream;
        this.definition = stream.definition();
        this.engine = engine;
        this.plan = plan;
        this.parent = parent;
        this.sinks = stream.sinks();
    }

    /**
     * Opens a run.
     *
     * @param awaited what is asked for, once the run of the parent is over that it waited for
     * @throws NotConfiguredException if the connection lacks its credential
     * @throws dev.caravan.commit.LeaseHeldException if another process pulls the stream
     * @throws DefinitionChangedException if what is committed cannot be continued under today's definition
     */
    Run open(String id, Instant started, Awaited awaited, Gate gate, @Nullable OwnSteps steps) {
        RunRequest request = awaited.request();
        if (!request.replay()) {
            requireAsking(request);
        } else if (definition.stream().disposition().replaces()) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: with disposition %s what was rejected is pulled again with the rest of its portion, so there is nothing to replay; pull it, %s"
                            .formatted(
                                    definition.id(),
                                    definition.stream().disposition().text(),
                                    definition.stream().disposition() == Stream.Disposition.REPLACE
                                            ? "'pull %s'".formatted(definition.id())
                                            : "its days with --from and --to"));
        }
        Trial trial = request.trial();
        if (trial != null) {
            return trial(id, started, awaited, gate, new TrialLedger(trial, forms(sinks.get(0), id, started)));
        }
        List<Lease> leases = leases(id);
        try {
            removeOldRejects(leases, started);
            return request.replay()
                    ? replay(id, started, request, gate, leases, steps)
                    : pull(id, started, awaited, gate, leases);
        } catch (RuntimeException e) {
            leases.forEach(Lease::close);
            throw e;
        }
    }

    private List<Lease> leases(String id) {
        List<Lease> leases = new ArrayList<>();
        try {
            for (OpenSink sink : sinks) {
                leases.add(sink.lease(engine, id));
            }
            return leases;
        } catch (RuntimeException e) {
            leases.forEach(Lease::close);
            throw e;
        }
    }

    /** Checks that the API can be asked. */
    private void requireAsking(RunRequest request) {
        String obstacle = stream.connection().obstacle();
        if (obstacle != null) {
            throw new NotConfiguredException("%s: not configured: %s; see %s for the setting it reads"
                    .formatted(definition.id(), obstacle, definition.file()));
        }
        try {
            plan.checkVars(request.vars());
        } catch (IllegalArgumentException e) {
            throw new PullException(Remedy.STOP, definition.id() + ": " + e.getMessage(), e);
        }
    }

    private Run trial(String id, Instant started, Awaited awaited, Gate gate, Ledger ledger) {
        RunRequest request = awaited.request();
        Parts parts = parts(awaited, Purpose.FORWARD, Progress.NONE);
        SlicePlanner planner = planner(request, started, parts.partitions());
        List<Slice> open = planner.open(planned(planner, Progress.NONE, request, started));
        int partitions = Objects.requireNonNull(request.trial()).partitions();
        List<Slice> slices = partitions == 0 ? open : firstOfEach(open, partitions);
        return Run.of(stream, id, started, request, gate, ledger, run -> pulls(run, slices, ledger));
    }

    private static List<Slice> firstOfEach(List<Slice> slices, int partitions) {
        Map<Partition, Slice> first = new LinkedHashMap<>();
        slices.forEach(slice -> first.putIfAbsent(slice.partition(), slice));
        return first.values().stream().limit(partitions).toList();
    }

    private Run pull(String id, Instant started, Awaited awaited, Gate gate, List<Lease> leases) {
        RunRequest request = awaited.request();
        List<Purpose> purposes =
                leases.stream().map(lease -> purpose(request, lease)).toList();
        Purpose purpose = purposes.get(0);
        leases.forEach(lease -> requireSameKind(lease, purpose));
        Progress before = least(leases, purposes);
        Progress known = leases.stream()
                .map(lease -> resumable(before, purpose, lease))
                .reduce(Progress::least)
                .orElseThrow();
        Parts parts = parts(awaited, purpose, known);
        SlicePlanner planner = planner(request, started, parts.partitions());
        Progress planned = parts.marked(withListsThatGoOn(planned(planner, known, request, started), known));
        List<Slice> slices = planner.open(planned);
        KeySet set = KeySet.PENDING;
        if (purpose.generation() == null) {
            set = KeySet.COUNTING;
            if (!definition.stream().disposition().replaces()) {
                leases.forEach(lease -> rememberFor(slices, lease));
            }
        }
        List<CommittedLedger> ledgers = new ArrayList<>();
        for (int i = 0; i < sinks.size(); i++) {
            ledgers.add(ledger(sinks.get(i), leases.get(i), set, id, started, purposes.get(i), before, planned));
        }
        Ledger ledger = ledgers.size() == 1 ? ledgers.get(0) : new FanLedger(ledgers);
        Run run = Run.of(stream, id, started, request, gate, ledger, opened -> pulls(opened, slices, ledger));
        planner.lost(known, started)
                .forEach((partition, span) ->
                        run.note("%s: %s..%s is lost: the vendor keeps %s, and the last checkpoint is older"
                                .formatted(
                                        new Slice(partition, span).id(),
                                        span.from(),
                                        span.to(),
                                        definition.stream().retention())));
        parts.tell(run);
        return run;
    }

    /**
     * The partitions of a run.
     *
     * @param mark up to which commit of the parent they are; null if that is not kept
     * @param parent the parent's id, "" without one
     * @param more whether the parent has others that are new, for the next run
     * @param incomplete how the parent's own run ended if it did not end well, null if it did
     */
    private record Parts(
            List<Partition> partitions,
            @Nullable Long mark,
            String parent,
            boolean more,
            @Nullable RunSummary incomplete) {
        Progress marked(Progress planned) {
            return mark == null ? planned : planned.withMark(parent, mark);
        }

        void tell(Run run) {
            if (more) {
                run.note("%,d records of %s are new, the rest follows with the next run"
                        .formatted(partitions.size(), parent));
                run.leftMore();
            }
            RunSummary ended = incomplete;
            if (ended != null) {
                run.failed(
                        parent,
                        new PullException(
                                Remedy.STOP,
                                "not all of its records are known, its run is %s: %s"
                                        .formatted(ended.status().text(), ended.error())));
            }
        }
    }

    private Parts parts(Awaited awaited, Purpose purpose, Progress known) {
        Parent of = parent;
        if (of == null) {
            return new Parts(plan.listed().orElseThrow(), null, "", false, null);
        }
        RunSummary ended = awaited.asked() == null ? null : awaited.summary().orElse(null);
        RunSummary incomplete = ended == null || ended.status() == RunStatus.DONE ? null : ended;
        if (incomplete != null && incomplete.status() != RunStatus.PARTIAL) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: its parent %s could not be asked: %s".formatted(definition.id(), of.id(), incomplete.error()));
        }
        if (!plan.isOnce()) {
            Parent.Found found = of.found(awaited, 0, false, null);
            return new Parts(found.partitions(), null, of.id(), false, incomplete);
        }
        Parent.Found found = of.found(
                awaited,
                known.mark(of.id()),
                purpose.isForward(),
                awaited.request().backfill());
        List<Partition> owed =
                known.partitions().stream().map(PartitionProgress::partition).toList();
        return new Parts(Parent.union(owed, found.partitions()), found.sequence(), of.id(), found.more(), incomplete);
    }

    /**
     * A list begins anew with every run, but the job that the vendor works on for it is still the same one; and behind a token
     * that is older than all of it, it goes on where it was.
     */
    private Progress withListsThatGoOn(Progress planned, Progress before) {
        Progress all = planned;
        if (plan.jobs().isPresent() || plan.isContinued()) {
            for (PartitionProgress each : before.partitions()) {
                for (SliceProgress slice : each.slices()) {
                    boolean wanted = planned.of(each.partition()).isPresent();
                    if (wanted && slice.window() == null && slice.resume() != null) {
                        all = all.with(new Slice(each.partition(), null), slice, plan.isAscending());
                    }
                }
            }
        }
        return all;
    }

    private Run replay(
            String id, Instant started, RunRequest request, Gate gate, List<Lease> leases, @Nullable OwnSteps steps) {
        Progress before = least(leases, Collections.nCopies(leases.size(), Purpose.FORWARD));
        leases.forEach(lease -> resumable(before, Purpose.FORWARD, lease));
        List<CommittedLedger> ledgers = new ArrayList<>();
        for (int i = 0; i < sinks.size(); i++) {
            ledgers.add(
                    ledger(sinks.get(i), leases.get(i), KeySet.COUNTING, id, started, Purpose.FORWARD, before, before));
        }
        FanLedger ledger = new FanLedger(ledgers);
        List<SealedFile> rejects = leases.get(0).rejects();
        return Run.of(stream, id, started, request, gate, ledger, run -> rejects.stream()
                .map(file -> new ReplayPull(
                        run,
                        stream,
                        () -> engine.lake().open(engine.data().resolve(file.path())),
                        file.path(),
                        partition -> ledger.replaying(file, partition),
                        steps))
                .toList());
    }

    private List<SlicePull> pulls(Run run, List<Slice> slices, Ledger ledger) {
        int sideBySide = Math.min(run.parallel(), slices.size());
        List<SlicePull> pulls = new ArrayList<>();
        for (Slice slice : slices) {
            double share = (pulls.size() % sideBySide + 1.0) / sideBySide;
            Batch batch = stream.newBatch().first(share);
            pulls.add(new SlicePull(run, stream, slice, ledger.before(slice), ledger.slice(slice), batch));
        }
        return pulls;
    }

    /**
     * Makes all sinks stand where the one stands that has come least far. What others have beyond it is known by its keys when it is
     * read again.
     */
    private static Progress least(List<Lease> leases, List<Purpose> purposes) {
        List<Progress> reached = new ArrayList<>();
        for (int i = 0; i < leases.size(); i++) {
            reached.add(purposes.get(i).of(leases.get(i).log().progress()));
        }
        Progress least = reached.stream().reduce(Progress::least).orElseThrow();
        for (int i = 0; i < leases.size(); i++) {
            Purpose purpose = purposes.get(i);
            if (!reached.get(i).equals(least)) {
                new Committer(leases.get(i)).commit(Draft.checkpoint(null, all -> purpose.in(all, least)));
            }
        }
        return least;
    }

    private CommittedLedger ledger(
            OpenSink sink,
            Lease lease,
            KeySet set,
            String id,
            Instant started,
            Purpose purpose,
            Progress before,
            Progress planned) {
        CommittedLedger.Landing landing = new CommittedLedger.Landing(
                engine.data(),
                plan::zone,
                started,
                stream.isCursored(),
                whatIsSeen(),
                definition.stream().disposition().replaces(),
                plan.definitionHash(),
                forms(sink, id, started));
        RunKeys keys = new RunKeys(engine.store(), sink.key(), set, whatIsSeen());
        return new CommittedLedger(lease, keys, sink.sink(), landing, purpose, before, planned);
    }

    private Function<Partition, RecordForm> forms(OpenSink sink, String id, Instant started) {
        return partition -> plan.form(partition, sink.shape(), id, started);
    }

    private void removeOldRejects(List<Lease> leases, Instant now) {
        Span kept = engine.keepRejects().orElse(null);
        if (kept != null && !now.isBefore(lookForRejects)) {
            lookForRejects = now.plus(LOOK_EVERY);
            Instant before = kept.before(now, definition.stream().zone());
            leases.forEach(lease -> new OldRejects(lease).removeBefore(before));
        }
    }

    private Purpose purpose(RunRequest request, Lease lease) {
        Window backfill = request.backfill();
        if (backfill != null) {
            return Purpose.backfill(backfill, request.vars());
        }
        return request.fullRefresh() ? refresh(lease) : Purpose.FORWARD;
    }

    /**
     * A refresh that was interrupted goes on where it stood, in its generation. Under another definition, or where records
     * cannot be told apart, it begins anew: its rows so far would not fit, or would come twice.
     */
    private Purpose refresh(Lease lease) {
        String hash = plan.definitionHash();
        Progress committed = lease.log().progress();
        OptionalLong generation = engine.store().generation(lease.stream());
        boolean underWay = !committed.unit(Progress.refresh(hash)).equals(Progress.NONE);
        boolean resumes = !definition.stream().key().isEmpty()
                || definition.stream().disposition().replaces();
        if (underWay && generation.isPresent() && resumes) {
            return Purpose.refresh(hash, generation.getAsLong());
        }
        if (committed.isRefreshing()) {
            new Committer(lease).commit(Draft.checkpoint(null, Progress::withoutRefresh));
        }
        return Purpose.refresh(hash, lease.epoch());
    }

    private Progress resumable(Progress before, Purpose purpose, Lease lease) {
        // A refresh is of today's definition, whatever the rows were pulled with that it takes the place of.
        return purpose.generation() == null
                ? plan.resumable(
                        before, engine.store().definition(lease.stream()).orElse(null))
                : before;
    }

    /** Rows of which it is not known what they belong to would stay when that is pulled again; and those of which it is have no keys. */
    private void requireSameKind(Lease lease, Purpose purpose) {
        boolean replaces = definition.stream().disposition().replaces();
        boolean other = replaces ? lease.recovered().plain() : lease.recovered().portioned();
        if (other && purpose.generation() == null) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: what is there was pulled with another disposition than %s, and %s. Begin anew: 'pull %s --full-refresh'"
                            .formatted(
                                    definition.id(),
                                    definition.stream().disposition().text(),
                                    replaces
                                            ? "it is not known of which partition and day each row is"
                                            : "no keys of it are remembered",
                                    definition.id()));
        }
    }

    /** Brings back keys that a run needs which goes further back than the last one could. */
    private static void rememberFor(List<Slice> slices, Lease lease) {
        Instant from = null;
        Instant to = null;
        for (Slice slice : slices) {
            Window window = slice.window();
            if (window != null) {
                from = from == null || window.from().isBefore(from) ? window.from() : from;
                to = to == null || window.to().isAfter(to) ? window.to() : to;
            }
        }
        if (from != null && to != null) {
            new KeyHistory(lease).load(from.minus(LONGEST_OVERLAP), to);
        }
    }

    private SlicePlanner planner(RunRequest request, Instant started, List<Partition> partitions) {
        Window backfill = request.backfill();
        return new SlicePlanner(
                backfill == null ? plan.slices(started, partitions) : plan.backfill(backfill, partitions));
    }

    private static Progress planned(SlicePlanner planner, Progress before, RunRequest request, Instant started) {
        Window backfill = request.backfill();
        // Days of another zone may end later; the planner knows where each partition's do.
        return planner.plan(before, backfill == null ? started : backfill.to().plus(LONGEST_OVERLAP_OF_DAYS));
    }

    private Remembered whatIsSeen() {
        Stream settings = definition.stream();
        if (settings.key().isEmpty() || settings.disposition().replaces()) {
            return Remembered.NOTHING;
        }
        return settings.disposition() == Stream.Disposition.MERGE ? Remembered.KEY_AND_CONTENT : Remembered.KEY;
    }
}
