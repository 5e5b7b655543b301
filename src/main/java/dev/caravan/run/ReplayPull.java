package dev.caravan.run;

import dev.caravan.Stream.Order;
import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.record.RecordPage;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Reject;
import dev.caravan.slice.Partition;
import dev.caravan.slice.Window;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One file of rejected records being put through again: those that the stream takes now land like any others, the rest is
 * rejected anew, and the file goes with that commit. A file of which nothing is taken stays as it is.
 *
 * <p>Asks no API, so it needs none of a route's steps for pages: its batch is full at once.
 */
final class ReplayPull implements Pull {
    /** Opens the file. */
    interface Opening {
        InputStream open() throws IOException;
    }

    private final Run run;
    private final LiveStream stream;
    private final Opening file;
    private final String name;
    private final Function<Partition, Ledger.SliceLedger> ledgers;
    private final @Nullable OwnSteps steps;
    private final SliceShare share = new SliceShare(null, Order.NONE, null);
    private final Batch batch;
    private final List<Reject> rejects = new ArrayList<>();
    private final IdentityHashMap<SourceRecord, Reject> origins = new IdentityHashMap<>();

    private Ledger.@Nullable SliceLedger ledger;
    private final Whereabouts whereabouts;
    private volatile @Nullable String skippedBy;
    private boolean read;
    private boolean over;

    /**
     * @param file rejected records, as they were committed
     * @param name what the file is called in messages, relative to {@code data/}
     * @param ledgers where the records of a partition land, and the file goes with their commit
     * @param steps the stream's own steps for each record, null without any
     */
    ReplayPull(
            Run run,
            LiveStream stream,
            Opening file,
            String name,
            Function<Partition, Ledger.SliceLedger> ledgers,
            @Nullable OwnSteps steps) {
        this.run = run;
        this.stream = stream;
        this.file = file;
        this.name = name;
        this.ledgers = ledgers;
        this.steps = steps;
        this.batch = stream.newBatch();
        this.whereabouts = new Whereabouts(stream.clock());
    }

    @Override
    public boolean isUnfinished() {
        return !over;
    }

    /** Never: what is to be put through again is here. It is read now, and no request follows. */
    @Override
    public boolean isMore() {
        String by = skippedBy;
        if (!over && !read && by != null) {
            run.skipped(name, "skipped by " + by);
            whereabouts.ended("skipped");
            over = true;
        }
        if (!over && !read) {
            run.pauseReason().ifPresentOrElse(this::stop, this::read);
        }
        return false;
    }

    private void stop(String reason) {
        run.pause(reason);
        whereabouts.ended("paused");
        over = true;
    }

    private void read() {
        read = true;
        whereabouts.at("read");
        List<Reject> before = lines();
        List<SourceRecord> records = new ArrayList<>();
        for (Reject each : before) {
            RecordPage page = stream.decoder(new Partition(each.partition()))
                    .reader()
                    .readOne(each.received(), given(each), each.index());
            records.addAll(page.records());
            page.rejects().forEach(reject -> rejects.add(again(each, reject.reason())));
            if (!page.records().isEmpty()) {
                origins.put(page.records().get(0), each);
            }
        }
        run.counters().rejected.add(rejects.size());
        if (!records.isEmpty()) {
            take(records, ledgers.apply(new Partition(before.get(0).partition())));
        }
    }

    private void take(List<SourceRecord> records, Ledger.SliceLedger into) {
        into.recall(records);
        List<SourceRecord> fresh = into.firstSeen(records);
        run.counters().duplicates.add(records.size() - fresh.size());
        List<SourceRecord> made = new ArrayList<>();
        for (SourceRecord record : fresh) {
            throughOwnSteps(record).forEach(each -> {
                String reason = into.refused(List.of(each)).get(0);
                Reject before = origins.get(record);
                if (reason == null || before == null) {
                    made.add(each);
                } else {
                    into.forget(List.of(record));
                    rejects.add(again(before, reason));
                    run.counters().rejected.increment();
                }
            });
        }
        batch.add(made);
        ledger = into;
    }

    private static Reject again(Reject before, String reason) {
        return new Reject(reason, before.page(), before.raw(), before.encoding(), before.index(), before.partition());
    }

    private Stream<SourceRecord> throughOwnSteps(SourceRecord record) {
        if (steps == null) {
            return Stream.of(record);
        }
        byte[] made = steps.apply(record);
        if (made == null) {
            run.counters().dropped.increment();
            return Stream.empty();
        }
        return Stream.of(record.withBytes(made));
    }

    private Map<String, String> given(Reject reject) {
        return stream.given(new Partition(reject.partition()));
    }

    private List<Reject> lines() {
        List<Reject> lines = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(file.open(), StandardCharsets.UTF_8.newDecoder()))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(Reject.parse(line));
            }
            return lines;
        } catch (IOException | IllegalArgumentException e) {
            throw new PullException(
                    Remedy.STOP,
                    "%s %s: cannot be read: %s. 'verify %s' tells whether it is as it was committed"
                            .formatted(stream.id(), name, e.getMessage(), stream.id()),
                    e);
        }
    }

    @Override
    public void write() {
        if (ledger != null) {
            whereabouts.at("write");
            ledger.write(batch, rejects);
        }
    }

    @Override
    public void commit() {
        if (over) {
            return;
        }
        if (ledger != null) {
            for (SealedFile landed : ledger.commit(UnaryOperator.identity(), 0)) {
                run.counters().landed(landed, stream.isCursored());
                whereabouts.landed(landed.rows());
            }
        }
        whereabouts.ended("done");
        over = true;
        share.finish();
        run.finished();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void skip(String by) {
        skippedBy = by;
    }

    @Override
    public Whereabouts whereabouts() {
        return whereabouts;
    }

    @Override
    public @Nullable Window window() {
        return null;
    }

    @Override
    public SliceShare share() {
        return share;
    }

    @Override
    public void letGo() {}

    @Override
    public void failed(Exception failure) {
        over = true;
        whereabouts.ended("failed");
        run.failed(name, failure);
    }
}
