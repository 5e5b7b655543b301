package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.batch.Batch;
import dev.caravan.commit.Committer;
import dev.caravan.commit.Draft;
import dev.caravan.commit.Lease;
import dev.caravan.commit.Origin;
import dev.caravan.commit.RunEntry;
import dev.caravan.commit.StreamKey;
import dev.caravan.commit.Verified;
import dev.caravan.connection.Answer;
import dev.caravan.connection.Redaction;
import dev.caravan.connection.Request;
import dev.caravan.connection.limit.Ask;
import dev.caravan.connection.outcome.Outcomes;
import dev.caravan.connection.outcome.RetrySettings;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.page.Details;
import dev.caravan.page.Jobs;
import dev.caravan.page.PageContent;
import dev.caravan.page.Position;
import dev.caravan.page.RequestTemplate;
import dev.caravan.page.ShrinkSettings;
import dev.caravan.record.RejectShare;
import dev.caravan.record.SourceRecord;
import dev.caravan.record.decode.Decoder;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.Partition;
import dev.caravan.slice.PartitionProgress;
import dev.caravan.slice.Progress;
import dev.caravan.slice.Slice;
import dev.caravan.slice.SliceProgress;
import dev.caravan.slice.Window;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream in this process: opened for one run at a time, and asked about by those who watch. Safe for any number of
 * threads.
 */
public final class LiveStream {
    private final StreamDefinition definition;
    private final LiveConnection connection;
    private final Engine engine;
    private final List<OpenSink> sinks;
    private final StreamKey key;
    private final StreamPlan plan;
    private final RunOpening opening;
    private final StateTransfer transfer;
    private final Agenda agenda;
    private final Reins reins = new Reins();
    private final RunPatience waits;
    private final Logger log;
    private final Meters meters;
    private final @Nullable Parent parent;
    private volatile boolean gone;
    private volatile Gate gate = Gate.OPEN;
    private volatile @Nullable Run current;
    private volatile @Nullable RunRequest interruptedWork;
    private volatile @Nullable RunSummary last;
    private volatile Instant ticked;
    private volatile int line;
    private volatile @Nullable Instant prunedAt;

    public LiveStream(StreamDefinition definition, LiveConnection connection, Engine engine) {
        this(definition, connection, engine, null);
    }

    private LiveStream(
            StreamDefinition definition, LiveConnection connection, Engine engine, @Nullable LiveStream before) {
        this.definition = definition;
        this.line = definition.line();
        this.meters = before == null ? new Meters() : before.meters;
        this.connection = connection;
        this.engine = engine;
        this.waits = new RunPatience(engine.clock(), this::obstacle);
        this.sinks = OpenSink.all(definition, connection.origin(), engine, waits);
        this.key = sinks.get(0).key();
        this.plan = new StreamPlan(definition, connection, engine.maxRecord(), engine.maxPage());
        this.parent = plan.parent()
                .map(settings -> new Parent(definition, settings, plan.group(), engine))
                .orElse(null);
        this.opening = new RunOpening(this, engine, plan, parent);
        this.transfer = new StateTransfer(key, plan);
        this.agenda = new Agenda(definition, key, connection, engine, parent);
        this.log = LoggerFactory.getLogger("dev.caravan.stream." + definition.id());
        this.last = engine.store().runs().latest(key, 1).stream()
                .flatMap(RunSummaries::read)
                .findFirst()
                .orElse(null);
        this.ticked = engine.clock().instant();
        if (before != null) {
            reins.say(before.reins.mode(), before.reins.said().by());
        }
    }

    /** Returns this stream as it would be under another definition: what it has counted goes on there. */
    public LiveStream redefined(StreamDefinition other, LiveConnection its) {
        return new LiveStream(other, its, engine, this);
    }

    public String id() {
        return definition.id();
    }

    public StreamDefinition definition() {
        return definition;
    }

    public LiveConnection connection() {
        return connection;
    }

    public StreamKey key() {
        return key;
    }

    /** Returns where its records go; the first one keeps the rejects, and is what others read. */
    List<OpenSink> sinks() {
        return sinks;
    }

    /** Returns how its records are written for the first sink. */
    Stream.Shape shape() {
        return sinks.get(0).shape();
    }

    public ZoneId zone() {
        return definition.stream().zone();
    }

    public Meters meters() {
        return meters;
    }

    /** Asks for a run; the route opens it at its next tick. */
    public void ask(RunRequest request) {
        agenda.ask(request);
        if (gone) {
            leave();
        }
    }

    /**
     * Opens a run if one is asked for or due, otherwise a run of nothing. Called by the route, one run at a time.
     *
     * @param gate asked before every page whether the run may go on
     */
    public Run open(Gate gate) {
        return open(gate, null);
    }

    /** @param steps calls the stream's own steps for each record from outside its route, null if it has none */
    public Run open(Gate gate, @Nullable OwnSteps steps) {
        ticked = engine.clock().instant();
        if (current != null) {
            // The timer ticks on while slices are pulled in parallel; what is asked for meanwhile waits its turn.
            return Run.idle(this);
        }
        if (!mayOpen()) {
            leaveAwaited();
            return Run.idle(this);
        }
        Awaited next = agenda.next();
        if (next == null) {
            if (!gate.isOpen()) {
                leaveAwaited();
            }
            return Run.idle(this);
        }
        RunRequest request = next.request();
        Instant started = engine.clock().instant();
        String id = RunId.at(started);
        if (request.isForward()) {
            agenda.begins(started);
        }
        Run run;
        this.gate = gate;
        try {
            run = opening.open(id, started, next, gate, steps);
        } catch (RuntimeException e) {
            return refused(id, started, request, gate, e);
        }
        current = run;
        begin(run, started);
        return run;
    }

    /** A stream that drains takes up once more what was interrupted, and nothing else. */
    private boolean mayOpen() {
        return reins.obstacle().isEmpty() && (reins.mode() == Mode.ACTIVE || agenda.isInterrupted());
    }

    /** Returns why a run that is opened or under way may not go on, empty while it may. */
    private Optional<String> obstacle() {
        Run run = current;
        if (run != null) {
            return run.pauseReason();
        }
        Optional<String> said = reins.obstacle();
        return said.isPresent() || gate.isOpen() ? said : Optional.of("stopped");
    }

    /** Returns how its sinks wait. */
    RunPatience waits() {
        return waits;
    }

    Reins reins() {
        return reins;
    }

    Agenda agenda() {
        return agenda;
    }

    public Mode mode() {
        return reins.mode();
    }

    /** Returns the run under way; empty without one. */
    Optional<Run> run() {
        return Optional.ofNullable(current);
    }

    /** Returns when its route last asked what there is to do. */
    Instant ticked() {
        return ticked;
    }

    boolean isDrained() {
        return reins.mode() == Mode.DRAINING && current == null && agenda.awaited() == null && !agenda.isInterrupted();
    }

    /**
     * Ends for good at the next page border; another stream of the same id takes its place.
     *
     * @param reason as the summary of an interrupted run says it
     * @return the runs that were asked for and have not begun, for whoever takes its place
     */
    public List<RunRequest> retire(String reason) {
        reins.retire(reason);
        List<RunRequest> left = agenda.leave();
        Awaited waiting = agenda.leaveAwaited();
        if (waiting != null) {
            left.add(0, waiting.request());
        }
        return left;
    }

    /** Takes over from a stream that has ended for good: what it counted is known, and what it left is to be done here. */
    public void succeed(LiveStream before, List<RunRequest> left) {
        RunRequest interrupted = before.interruptedWork;
        if (interrupted != null) {
            ask(interrupted.again());
        }
        left.forEach(this::ask);
    }

    /** Ends for good, without another of its name: whoever waits for runs that were asked for hears that they do not come. */
    public void vanish(List<RunRequest> left) {
        left.forEach(request -> endBeforeItBegan(request, "its stream is gone"));
    }

    /** The same stream now stands elsewhere in its file. */
    public void movedTo(int at) {
        line = at;
    }

    /** Leaves the stream alone until somebody asks for a run, whether or not it is due. */
    public void onlyWhenAsked() {
        agenda.onlyWhenAsked();
    }

    /** Returns the end of an ordinary run that somebody has asked for and that has not ended; empty without one. */
    Optional<CompletableFuture<RunSummary>> askedRun() {
        return agenda.askedRun();
    }

    /** Returns the end of the ordinary run that is under way, or waits for its parent; empty without one. */
    Optional<CompletableFuture<RunSummary>> runUnderWay() {
        Run run = current;
        Awaited waiting = agenda.awaited();
        RunRequest request = run != null ? run.request() : waiting == null ? null : waiting.request();
        return Optional.ofNullable(request).filter(RunRequest::isForward).map(RunRequest::done);
    }

    private void leaveAwaited() {
        Awaited left = agenda.leaveAwaited();
        if (left != null) {
            endBeforeItBegan(left.request(), "stopped while it waited for " + left.parent());
        }
    }

    /** Ends the runs that were asked for and have not begun. */
    void leaveAsked(String reason) {
        agenda.leave().forEach(left -> endBeforeItBegan(left, reason));
    }

    private void endBeforeItBegan(RunRequest request, String reason) {
        Instant now = engine.clock().instant();
        Run run = Run.of(this, RunId.at(now), now, request, () -> false, null, none -> List.of());
        run.pause(reason);
        run.close(null);
    }

    /** Writes down that a run is under way. */
    private void begin(Run run, Instant started) {
        if (!run.request().isForward()) {
            return;
        }
        try {
            agenda.begun(started);
        } catch (RuntimeException e) {
            run.close(e);
        }
    }

    /**
     * Ends what will not go on, because the process ends: runs that were asked for and never opened, and one that its route
     * has left behind. Whoever waits for them hears that they are paused.
     */
    public void leave() {
        gone = true;
        Run running = current;
        if (running != null) {
            running.pause("stopped");
            running.close(null);
        }
        leaveAwaited();
        leaveAsked("stopped before it began");
    }

    /** A run that could not be opened still ends with a summary. */
    private Run refused(String id, Instant started, RunRequest request, Gate gate, RuntimeException problem) {
        Run run = Run.of(this, id, started, request, gate, null, none -> List.of());
        current = run;
        run.close(problem);
        return run;
    }

    /** Called once when a run has ended. */
    void ended(Run run, RunSummary summary) {
        boolean kept = run.trial().isEmpty();
        try {
            if (kept) {
                keep(run, summary);
            }
        } finally {
            if (current == run) { // one that never began ends beside the one under way
                current = null;
                gate = Gate.OPEN;
            }
        }
        if (kept) {
            last = summary;
            meters.add(run.counters());
        }
        report(summary, run.rejections());
        if (summary.status() == RunStatus.PAUSED
                && reins.isRetired()
                && run.request().isUnit()) {
            interruptedWork = run.request();
        }
        run.request().done().complete(summary);
        engine.streams().ended(this, summary);
    }

    /**
     * Writes down how a run ended. The place in the schedule comes last: whoever is killed before it is due again, and adds
     * nothing; in the other order a run would count as over that nobody can look up.
     */
    private void keep(Run run, RunSummary summary) {
        keep(summary, "report", () -> engine.ended().accept(summary));
        keep(summary, "place in the history", () -> record(summary));
        if (run.request().isForward() && summary.status() != RunStatus.HELD) {
            keep(summary, "place in the schedule", () -> agenda.ended(summary, run.hasLeftMore()));
        }
    }

    private void record(RunSummary summary) {
        engine.store()
                .runs()
                .put(new RunEntry(
                        summary.run(),
                        key,
                        summary.status().text(),
                        summary.started(),
                        summary.ended(),
                        RunSummaries.write(summary)));
    }

    /** Whoever waits for the end of a run hears of it, also if nothing of it could be kept. */
    private void keep(RunSummary summary, String what, Runnable keeping) {
        try {
            keeping.run();
        } catch (RuntimeException e) {
            log.warn("{} The run ended, but its {} was not kept: {}", summary.run(), what, e.getMessage());
        }
    }

    /** Forgets keys that the lookback cannot bring back: what a slice costs must not grow with those before it. */
    void prune(@Nullable Instant checkpoint) {
        if (plan.isFiltered() && checkpoint != null && !checkpoint.equals(prunedAt)) {
            sinks.forEach(sink -> engine.store().prune(sink.key(), plan.firstOf(checkpoint)));
            prunedAt = checkpoint;
        }
    }

    private void report(RunSummary summary, Rejections rejections) {
        String line = "{} {} {}: {} rows, {} pages, {} seen before, {} retries{}{}";

        String error = summary.error() == null ? "" : ": " + summary.error();
        Object[] values = {
            summary.run(),
            summary.stream(),
            summary.status().text(),
            summary.rows(),
            summary.pages(),
            summary.duplicates(),
            summary.retries(),
            rejections.line(),
            error
        };
        switch (summary.status()) {
            case FAILED, PARTIAL -> log.error(line, values);
            case HELD, NOT_CONFIGURED -> log.warn(line, values);
            case DONE, PAUSED -> log.info(line, values);
        }
    }

    /** Returns what the current run has done so far, or the last one did in this process. */
    public Counters counters() {
        Run run = current;
        return run == null ? meters.total() : meters.total().plus(run.counters());
    }

    public boolean isRunning() {
        return current != null;
    }

    /** Returns what the stream is doing, in a few words. */
    public String state() {
        Run run = current;
        if (run != null) {
            return run.state();
        }
        Optional<Wait> opened = waits.waiting();
        if (opened.isPresent()) {
            return opened.get().toString();
        }
        Awaited waiting = agenda.awaited();
        if (waiting != null) {
            return "waiting for " + waiting.parent();
        }
        if (reins.mode() != Mode.ACTIVE) {
            return reins.mode().text();
        }
        return connection.isConfigured() ? "idle" : "not configured";
    }

    /** Returns how far the current run has come; empty without one. */
    public Optional<RunProgress> progress() {
        return Optional.ofNullable(current).map(Run::progress);
    }

    public Optional<RunSummary> lastRun() {
        return Optional.ofNullable(last);
    }

    public Instant due() {
        return agenda.due();
    }

    /** Returns the checkpoint, from which the next run looks back; empty also where it is no time. */
    public Optional<Instant> checkpoint() {
        return plan.isTimed() ? Optional.ofNullable(engine.store().progress(key).checkpoint()) : Optional.empty();
    }

    /** Returns where and how records land, in a few words. */
    public String landsAs() {
        Stream stream = definition.stream();
        return (stream.disposition().text() + " " + shape()).toLowerCase(Locale.ROOT)
                + (key.origin() == Origin.STUB ? " (sandbox)" : "");
    }

    public String rhythm() {
        String cron = definition.stream().cron();
        return cron == null ? definition.stream().every().toString() : cron;
    }

    /** Returns where the stream is defined, {@code file:line}. */
    public String place() {
        return definition.file() + ":" + line;
    }

    /** Returns what the stream remembers between runs, for people. */
    public Map<String, Object> remembered() {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("stream", id());
        state.put("origin", key.origin().toString());
        state.put("sequence", engine.store().sequence(key));
        state.put("epoch", engine.store().epoch(key));
        state.put("progress", engine.store().progress(key));
        state.put("due", due().equals(Instant.EPOCH) ? "now" : due().toString());
        return state;
    }

    /** Returns how far the stream has come, in the form that {@link #importingState} reads. */
    public StateExport exportState() {
        return transfer.export(engine.store().progress(key));
    }

    /** Returns how far each partition has come, in a form that other tools read too. */
    public List<StateSeed> exportSeeds() {
        return transfer.seeds(
                engine.store().progress(key), lastRun().map(RunSummary::started).orElse(null));
    }

    /**
     * Returns what {@link #change} takes to set the checkpoint.
     *
     * @param time as people write it, or the vendor
     * @param partition fields and values of the partitions meant; empty for all
     * @throws IllegalArgumentException naming what is wrong and what would be right
     */
    public UnaryOperator<Progress> settingState(String time, Map<String, String> partition) {
        return transfer.set(
                time, partition, engine.store().progress(key), engine.clock().instant());
    }

    /**
     * Returns what {@link #change} takes to go on from where an export or seeds say.
     *
     * @param json as {@code state export} prints it
     * @throws IllegalArgumentException naming what is wrong and what would be right
     */
    public UnaryOperator<Progress> importingState(String json) {
        return transfer.read(json, engine.store().progress(key), engine.clock().instant());
    }

    /**
     * Commits another progress; the next run goes on from there, at once. Records that are committed stay, and are known by
     * their keys.
     *
     * @throws dev.caravan.commit.LeaseHeldException if the stream is being pulled
     * @throws DefinitionChangedException if what is committed cannot be continued under today's definition
     */
    public void change(UnaryOperator<Progress> change) {
        String committed = engine.store().definition(key).orElse(null);
        commitState(before -> change.apply(plan.resumable(before, committed)));
    }

    /** Says that the checkpoint still holds although the definition changed in what tells records apart. */
    public void keepState() {
        String committed = engine.store().definition(key).orElse(null);
        commitState(before -> plan.kept(before, committed));
    }

    /**
     * Forgets the checkpoint: the next run begins at {@code start}. Records that are committed stay, and are known by their
     * keys.
     */
    public void resetState() {
        commitState(Progress::begunAnew);
    }

    private void commitState(UnaryOperator<Progress> change) {
        Instant now = engine.clock().instant();
        for (OpenSink sink : sinks) {
            try (Lease lease = sink.lease(engine, RunId.at(now))) {
                new Committer(lease).commit(Draft.checkpoint(plan.definitionHash(), change));
            }
        }
        agenda.changed(now);
    }

    /** Finishes what a crash interrupted, unless the stream is being pulled; a database that was lost knows the state again. */
    public void recover() {
        sinks.forEach(sink -> sink.verify(engine).recover(engine.store()));
    }

    /** Finishes what a crash interrupted, unless the stream is being pulled, and compares commits and files. */
    public Verified verify() {
        recover();
        return sinks.stream()
                .map(sink -> sink.verify(engine).run())
                .reduce(Verified::plus)
                .orElseThrow();
    }

    /**
     * Writes the latest row of each key to a folder that is not there yet.
     *
     * @param as what the files are like
     * @return how many rows there are
     * @throws dev.caravan.failure.PullException if the stream has no key, or the files cannot be written
     */
    public long snapshot(SinkSettings as, Path folder) {
        recover();
        return new Snapshot(this, engine).write(as, folder);
    }

    /**
     * Puts small files of its rows together.
     *
     * @param size bytes of a file that is large enough
     * @throws dev.caravan.commit.LeaseHeldException if the stream is being pulled
     * @throws dev.caravan.failure.PullException if a file is not as it was committed, or cannot be written
     */
    public Compacted compact(long size) {
        return new Compacting(this, engine, size).compact();
    }

    /** Returns where a snapshot that begins now goes, unless somebody says where. */
    public Path snapshotFolder() {
        return key.folder(engine.data())
                .resolve("_snapshots")
                .resolve(RunId.at(engine.clock().instant()));
    }

    /** Returns SQL that makes a view of the latest row of each key in DuckDB, over the files of the first sink. */
    public String latestView() {
        String ending = sinks.get(0).sink().ending();
        return new LatestView(
                        definition,
                        shape(),
                        engine.lake().name(key.folder(engine.data()).toAbsolutePath()),
                        ending)
                .sql();
    }

    /** Returns what reads the answers about a partition. */
    Decoder decoder(Partition partition) {
        return plan.decoder(partition);
    }

    boolean stopsEarly() {
        return plan.stopsEarly();
    }

    /** Returns values that a slice's records may use as parts of their key. */
    Map<String, String> given(Slice slice) {
        return given(slice.partition());
    }

    /** Returns values that a partition's records may use as parts of their key. */
    Map<String, String> given(Partition partition) {
        return plan.given(partition);
    }

    /** Returns a request as the connection's quotas see it. */
    Ask ask(Request request, boolean first) {
        return plan.ask(request, first);
    }

    Outcomes outcomes() {
        return plan.outcomes();
    }

    RetrySettings retries() {
        return plan.retries();
    }

    Clock clock() {
        return engine.clock();
    }

    Duration patience() {
        return engine.patience();
    }

    /** Returns where answers are kept that are too large for memory. */
    Path folderForAnswers() {
        return engine.data().resolve("state");
    }

    int maxPage() {
        return engine.maxPage();
    }

    RejectShare maxRejected() {
        return definition.stream().maxRejected();
    }

    /** Returns where rejected records are, for people. */
    String errors() {
        return engine.lake().name(engine.data().resolve(key.rejects()));
    }

    boolean isCursored() {
        return definition.stream().cursor() != null && plan.isTimed();
    }

    PageMemory memory() {
        return engine.memory();
    }

    /** Returns what writes and commits batches beside their slices. */
    Executor batches() {
        return engine.batches();
    }

    int maxPages() {
        return definition.stream().maxPages();
    }

    boolean isAscending() {
        return plan.isAscending();
    }

    /** Returns how far a stream has come after a commit of a slice. */
    Progress after(Progress before, Slice slice, SliceProgress now) {
        return plan.isOnce() && now.done() ? before.without(slice) : before.with(slice, now, isAscending());
    }

    /** Returns where the next run begins, for people: a time, a number, or a token of the vendor; empty if nowhere yet. */
    public Optional<String> checkpointText() {
        Progress progress = engine.store().progress(key);
        List<PartitionProgress> parts = progress.partitions();
        return plan.isToken()
                ? parts.stream()
                        .map(PartitionProgress::token)
                        .filter(Objects::nonNull)
                        .findFirst()
                : Optional.ofNullable(progress.checkpoint()).map(plan::written);
    }

    Stream.Order order() {
        Stream.Cursor cursor = definition.stream().cursor();
        return cursor == null || !plan.isTimed() ? Stream.Order.NONE : cursor.order();
    }

    boolean isConditional() {
        return definition.stream().conditional();
    }

    Logger log() {
        return log;
    }

    /** Returns what takes the secrets of this stream's connection out of a text. */
    public Redaction redaction() {
        return plan.redaction();
    }

    /** Returns {@code text} without what the connection's credential must not show. */
    public String redact(String text) {
        return plan.redaction().text(text);
    }

    /** Returns a request that was changed after it was made, with the credential as that wants it. */
    Request authorized(Request request) {
        return plan.sent(request);
    }

    /** Writes a position for a checkpoint: sealed if a credential is in it, as in next addresses that are signed. */
    String written(Position position) {
        String text = position.toString();
        return redact(text).equals(text) ? text : connection.secrets().sealed(connection.name(), text);
    }

    /** Returns the position that {@link #written} wrote. */
    Position position(String written) {
        return Position.parse(connection.secrets().opened(connection.name(), written));
    }

    Batch newBatch() {
        return OpenSink.newBatch(sinks, engine);
    }

    boolean isFullPage(int records) {
        return plan.isFullPage(records);
    }

    Position firstPosition() {
        return plan.first();
    }

    Request request(Slice slice, Position position, RunContext run, @Nullable String etag, @Nullable String token) {
        return plan.request(slice, position, run, etag, token);
    }

    /** Returns the request that gives a slice its first token. */
    Request startRequest(Slice slice, RunContext run) {
        return plan.startRequest(slice, run);
    }

    /** Returns the token of a slice that begins. */
    SliceToken token(@Nullable String lastGiven, @Nullable Position left) {
        return new SliceToken(definition.stream().sync(), lastGiven, left == null ? null : left.sync());
    }

    /** Returns the requests for single records; empty if a page holds all of them. */
    Optional<Details> details() {
        return plan.details();
    }

    /**
     * Returns what reads the answers of a slice.
     *
     * @param full whether they list everything, where changes are listed otherwise
     * @param made whether the page was made of the answers to requests for single records
     */
    Decoder decoder(Partition partition, boolean full, boolean made) {
        return plan.decoder(partition, full, made);
    }

    Outcomes detailOutcomes() {
        return plan.detailOutcomes();
    }

    Request request(Details of, byte[] stub, Slice slice, Position position, RunContext run) {
        return plan.request(of, stub, slice, position, run);
    }

    boolean asksAhead() {
        return plan.asksAhead();
    }

    Optional<Position> ahead(Position asked, PageContent lastRead) {
        return plan.ahead(asked, lastRead);
    }

    /** Returns how the vendor works a slice out first; empty if it answers at once. */
    Optional<Jobs> jobs() {
        return plan.jobs();
    }

    Request request(RequestTemplate of, boolean pages, Slice slice, Position position, RunContext run) {
        return plan.request(of, pages, slice, position, run);
    }

    Request file(String address) {
        return plan.file(address);
    }

    Optional<Position> next(Position asked, Answer answer, PageContent content) {
        return plan.next(asked, answer, content);
    }

    /** Returns what shows that the vendor has cut a slice short; empty if nothing does. */
    Optional<String> truncation(Position asked, PageContent content) {
        return plan.truncation(asked, content);
    }

    @Nullable
    ShrinkSettings shrink() {
        return plan.shrink();
    }

    /**
     * Returns a record as it belongs to a slice, empty if it lies outside. A local time that comes twice, when clocks go back,
     * may be either; the one that lies in the slice is meant, for the vendor answered with it.
     */
    Optional<SourceRecord> placed(Slice slice, SourceRecord record) {
        Window window = slice.window();
        Instant cursor = record.cursor();
        if (window == null || cursor == null || window.contains(cursor)) {
            return Optional.of(record);
        }
        return plan.laterReading(record, slice.partition())
                .filter(window::contains)
                .map(record::withCursor);
    }

    /** Returns how many rows of the page before each page repeats. */
    int overlap() {
        return Objects.requireNonNullElse(definition.stream().next().overlap(), 0);
    }

    /** Returns the halves of a slice, empty if it cannot be divided. */
    List<Slice> halves(Slice slice) {
        return plan.halves(slice).stream()
                .map(half -> new Slice(slice.partition(), half))
                .toList();
    }

    boolean isContinued() {
        return plan.isContinued();
    }

    boolean hasKey() {
        return !definition.stream().key().isEmpty();
    }

    /**
     * Whether a slice goes on at its last committed page instead of behind it: counted pages shift between runs, and what is
     * read again is known by its key.
     */
    boolean readsLastPageAgain() {
        return plan.isCounted() && hasKey();
    }

    /** Returns the records of a page as they travel the record steps. */
    List<Chunk> chunks(List<SourceRecord> records, Slice slice, long page) {
        return records.isEmpty() ? List.of() : List.of(new Chunk(id() + " " + slice.id() + " page " + page, records));
    }
}
