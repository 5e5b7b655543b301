package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.batch.Delivery;
import dev.caravan.batch.SealedFile;
import dev.caravan.commit.Compaction;
import dev.caravan.commit.Lease;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.Copy;
import dev.caravan.sink.Merging;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Puts small files of a stream together, sink by sink, while nobody else pulls it. */
final class Compacting {
    private final LiveStream stream;
    private final Engine engine;
    private final long size;

    /** @param size bytes of a file that is large enough */
    Compacting(LiveStream stream, Engine engine, long size) {
        this.stream = stream;
        this.engine = engine;
        this.size = size;
    }

    /**
     * @throws dev.caravan.commit.LeaseHeldException if the stream is being pulled
     * @throws PullException if a file is not as it was committed, or cannot be written
     */
    Compacted compact() {
        Compacted all = Compacted.NOTHING;
        for (OpenSink sink : stream.sinks()) {
            // What goes on from its files is known commit by commit: where it goes to, and to those who fill it again.
            if (sink.sink().delivery() == Delivery.NONE) {
                all = all.plus(compact(sink));
            }
        }
        return all;
    }

    private static SealedFile merge(Lease lease, List<SealedFile> group, String name) throws IOException {
        List<Copy> copies = new ArrayList<>();
        try {
            for (SealedFile file : group) {
                copies.add(lease.copy(file));
            }
            return Merging.write(
                    lease.folder(),
                    lease.staging(),
                    name,
                    group,
                    copies.stream().map(Copy::file).toList());
        } finally {
            for (Copy copy : copies) {
                copy.close();
            }
        }
    }

    private Compacted compact(OpenSink sink) {
        Compacted all = Compacted.NOTHING;
        String run = RunId.at(engine.clock().instant());
        try (Lease lease = sink.lease(engine, run)) {
            Compaction compaction = new Compaction(lease);
            boolean versioned = stream.definition().stream().disposition() == Stream.Disposition.MERGE;
            int number = 0;
            for (List<SealedFile> group : compaction.groups(size, versioned, Merging::likeness)) {
                compaction.check(group);
                SealedFile merged = merge(lease, group, "%s-%06d".formatted(run, ++number));
                lease.stage(List.of(merged), List.of());
                compaction.commit(group, merged);
                all = all.plus(new Compacted(
                        group.size(),
                        1,
                        group.stream().mapToLong(SealedFile::bytes).sum(),
                        merged.bytes()));
            }
            return all;
        } catch (IOException e) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: its files were not put together: %s. What is committed counts as before"
                            .formatted(stream.id(), e),
                    e);
        }
    }
}
