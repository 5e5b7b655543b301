package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.batch.SealedFile;
import dev.caravan.commit.Committer;
import dev.caravan.commit.Draft;
import dev.caravan.commit.KeyHistory;
import dev.caravan.commit.KeySet;
import dev.caravan.commit.Lease;
import dev.caravan.commit.OldRejects;
import dev.caravan.commit.Remembered;
import dev.caravan.commit.RunKeys;
import dev.caravan.commit.StreamKey;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordForm;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SlicePlanner;
import dev.caravan.slice.Span;
import dev.caravan.slice.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    private static final Duration LOOK_EVERY = Duration.ofHours(1);

    private final LiveStream stream;
    private final StreamDefinition definition;
    private final Engine engine;
    private final StreamKey key;
    private final StreamPlan plan;
    private Instant lookForRejects = Instant.MIN;

    RunOpening(LiveStream stream, Engine engine, StreamPlan plan) {
        this.stream = stream;
        this.definition = stream.definition();
        this.engine = engine;
        this.key = stream.key();
        this.plan = plan;
    }

    /**
     * Opens a run.
     *
     * @throws NotConfiguredException if the connection lacks its credential
     * @throws dev.caravan.commit.LeaseHeldException if another process pulls the stream
     * @throws DefinitionChangedException if what is committed cannot be continued under today's definition
     */
    Run open(String id, Instant started, RunRequest request, Gate gate, @Nullable OwnSteps steps) {
        if (!request.replay()) {
            requireAsking(request);
        }
        Function<Partition, RecordForm> forms = partition -> plan.form(partition, id, started);
        Trial trial = request.trial();
        if (trial != null) {
            return trial(id, started, request, gate, new TrialLedger(trial, forms));
        }
        Lease lease = Lease.take(key, engine.data(), engine.store(), id, engine.clock());
        try {
            removeOldRejects(lease, started);
            CommittedLedger.Landing landing = landing(started, forms);
            return request.replay()
                    ? replay(id, started, request, gate, lease, landing, steps)
                    : pull(id, started, request, gate, lease, landing);
        } catch (RuntimeException e) {
            lease.close();
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

    private Run trial(String id, Instant started, RunRequest request, Gate gate, Ledger ledger) {
        SlicePlanner planner = planner(request, started);
        List<Slice> slices = planner.open(planned(planner, Progress.NONE, request, started));
        return Run.of(stream, id, started, request, gate, ledger, run -> pulls(run, slices, ledger));
    }

    private Run pull(
            String id, Instant started, RunRequest request, Gate gate, Lease lease, CommittedLedger.Landing landing) {
        SlicePlanner planner = planner(request, started);
        Purpose purpose = purpose(request, lease);
        Progress before = purpose.of(lease.log().progress());
        Progress planned = planned(planner, resumable(before, purpose), request, started);
        List<Slice> slices = planner.open(planned);
        KeySet set = KeySet.PENDING;
        if (purpose.generation() == null) {
            set = KeySet.COUNTING;
            rememberFor(slices, lease);
        }
        Ledger ledger = new CommittedLedger(lease, keys(set), engine.sink(), landing, purpose, before, planned);
        return Run.of(stream, id, started, request, gate, ledger, run -> pulls(run, slices, ledger));
    }

    private Run replay(
            String id,
            Instant started,
            RunRequest request,
            Gate gate,
            Lease lease,
            CommittedLedger.Landing landing,
            @Nullable OwnSteps steps) {
        Progress before = lease.log().progress();
        resumable(before, Purpose.FORWARD);
        CommittedLedger ledger = new CommittedLedger(
                lease, keys(KeySet.COUNTING), engine.sink(), landing, Purpose.FORWARD, before, before);
        List<SealedFile> rejects = lease.rejects();
        return Run.of(stream, id, started, request, gate, ledger, run -> rejects.stream()
                .map(file -> new ReplayPull(
                        run,
                        stream,
                        engine.data().resolve(file.path()),
                        file.path(),
                        partition -> ledger.replaying(file, partition),
                        steps))
                .toList());
    }

    private List<SlicePull> pulls(Run run, List<Slice> slices, Ledger ledger) {
        return slices.stream()
                .map(slice -> new SlicePull(run, stream, slice, ledger.before(slice), ledger.slice(slice)))
                .toList();
    }

    private RunKeys keys(KeySet set) {
        return new RunKeys(engine.store(), key, set, whatIsSeen());
    }

    private CommittedLedger.Landing landing(Instant started, Function<Partition, RecordForm> forms) {
        return new CommittedLedger.Landing(
                engine.data(),
                definition.stream().zone(),
                started,
                definition.stream().cursor() != null,
                whatIsSeen(),
                plan.definitionHash(),
                forms);
    }

    private void removeOldRejects(Lease lease, Instant now) {
        Span kept = engine.keepRejects().orElse(null);
        if (kept != null && !now.isBefore(lookForRejects)) {
            lookForRejects = now.plus(LOOK_EVERY);
            new OldRejects(lease)
                    .removeBefore(kept.before(now, definition.stream().zone()));
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
        OptionalLong generation = engine.store().generation(key);
        boolean underWay = !committed.unit(Progress.refresh(hash)).equals(Progress.NONE);
        if (underWay && generation.isPresent() && !definition.stream().key().isEmpty()) {
            return Purpose.refresh(hash, generation.getAsLong());
        }
        if (committed.isRefreshing()) {
            new Committer(lease).commit(Draft.checkpoint(null, Progress::withoutRefresh));
        }
        return Purpose.refresh(hash, lease.epoch());
    }

    private Progress resumable(Progress before, Purpose purpose) {
        // A refresh is of today's definition, whatever the rows were pulled with that it takes the place of.
        return purpose.generation() == null
                ? plan.resumable(before, engine.store().definition(key).orElse(null))
                : before;
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

    private SlicePlanner planner(RunRequest request, Instant started) {
        Window backfill = request.backfill();
        return new SlicePlanner(backfill == null ? plan.slices(started) : plan.backfill(backfill));
    }

    private static Progress planned(SlicePlanner planner, Progress before, RunRequest request, Instant started) {
        Window backfill = request.backfill();
        return planner.plan(before, backfill == null ? started : backfill.to());
    }

    private Remembered whatIsSeen() {
        Stream settings = definition.stream();
        if (settings.key().isEmpty()) {
            return Remembered.NOTHING;
        }
        return settings.disposition() == Stream.Disposition.MERGE ? Remembered.KEY_AND_CONTENT : Remembered.KEY;
    }
}
