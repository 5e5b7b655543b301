package dev.caravan.run;

import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import dev.caravan.commit.Committer;
import dev.caravan.commit.Lease;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.run.CommittedLedger.Landing;
import dev.caravan.sink.Destination;
import dev.caravan.sink.Reject;
import dev.caravan.sink.RejectDestination;
import dev.caravan.sink.RejectSink;
import dev.caravan.sink.Sink;
import dev.caravan.slice.Partition;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes what one slice has for one sink, staged and sealed. From one thread at a time. */
final class SliceFiles {
    private final Lease lease;
    private final Sink sink;
    private final RejectSink rejectSink = new RejectSink();
    private final Landing landing;
    private final @Nullable Long generation;
    private final AtomicInteger batches;
    private final RecordForm form;
    private final ZoneId zone;

    /**
     * @param generation number of the generation that its rows belong to, null for the one that counts
     * @param batches counts the batches of the run
     */
    SliceFiles(
            Lease lease,
            Sink sink,
            Landing landing,
            Partition partition,
            @Nullable Long generation,
            AtomicInteger batches) {
        this.lease = lease;
        this.sink = sink;
        this.landing = landing;
        this.generation = generation;
        this.batches = batches;
        this.form = landing.forms().apply(partition);
        this.zone = landing.zones().apply(partition);
    }

    /** Returns the zone of the partition's days. */
    ZoneId zone() {
        return zone;
    }

    /** Returns a number for a batch, which no other of the run has. */
    int number() {
        return batches.incrementAndGet();
    }

    /** Returns why the sink cannot hold records, by their place in the list. */
    Map<Integer, String> refused(List<SourceRecord> records) {
        return sink.refused(form, records);
    }

    /** @param portion what all of them belong to; null where nothing takes their place */
    List<SealedFile> rows(int number, List<SourceRecord> records, @Nullable Portion portion) {
        List<SealedFile> written = checked(() -> sink
                .write(
                        new Destination(
                                lease.folder(),
                                lease.staging(),
                                lease.run(),
                                number,
                                zone,
                                landing.started(),
                                landing.cursored(),
                                form,
                                portion),
                        records)
                .stream()
                .map(file -> placed(portion == null ? file : file.of(portion)))
                .toList());
        return staged(written, List.of());
    }

    /** The rows of a generation that does not count yet wait where no reader looks. */
    private SealedFile placed(SealedFile file) {
        return generation == null ? file : file.at(Committer.place(generation) + file.path());
    }

    List<SealedFile> rejects(int number, List<Reject> refused, @Nullable Portion portion) {
        List<SealedFile> written = checked(() -> rejectSink
                .write(
                        new RejectDestination(
                                landing.data(),
                                lease.stream().rejects(),
                                lease.staging(),
                                lease.run(),
                                number,
                                zone,
                                landing.started()),
                        refused)
                .stream()
                .map(file -> portion == null ? file : file.of(portion))
                .toList());
        return staged(List.of(), written);
    }

    /** Takes into the lake what was written; nothing of it stays where that fails. */
    private List<SealedFile> staged(List<SealedFile> rows, List<SealedFile> rejects) {
        try {
            lease.stage(rows, rejects);
            return rows.isEmpty() ? rejects : rows;
        } catch (RuntimeException e) {
            lease.delete(rows, rejects);
            throw e;
        }
    }

    private <T> T checked(Supplier<T> writing) {
        try {
            return writing.get();
        } catch (RuntimeException e) {
            lease.requireLatest();
            throw e;
        }
    }
}
