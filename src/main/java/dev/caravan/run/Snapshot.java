package dev.caravan.run;

import dev.caravan.batch.Batch;
import dev.caravan.batch.SealedFile;
import dev.caravan.commit.CommittedFiles;
import dev.caravan.commit.KeyHash;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.Copy;
import dev.caravan.lake.Lake;
import dev.caravan.record.RecordForm;
import dev.caravan.record.SourceRecord;
import dev.caravan.sink.Destination;
import dev.caravan.sink.LandedRows;
import dev.caravan.sink.Sink;
import dev.caravan.sink.SinkContext;
import dev.caravan.sink.SinkSettings;
import dev.caravan.slice.Where;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The latest row of each key, or of a stream whose rows take the place of others all of them, of what is committed at one moment: the version with the greatest cursor, and of those the one that was
 * committed last; none if that one is reported as deleted. Holds 32 bytes for each key and a batch of rows. One use, one thread.
 */
final class Snapshot {
    private static final int ROWS = 100_000;
    private static final long BYTES = 32L << 20;
    /** More than a row needs beside its record. */
    private static final int ADDED = 1 << 20;

    private static final RecordForm AS_LANDED =
            (record, out) -> out.write(record.bytes(), record.offset(), record.length());

    private final LiveStream stream;
    private final Engine engine;
    private final RowVersion versions;
    private final ParentIndex index = new ParentIndex();
    private final Batch batch;
    private final Instant taken;
    private final boolean versioned;
    private long rows;
    private int parts;
    private int read;

    /** @throws PullException if the stream has no key */
    Snapshot(LiveStream stream, Engine engine) {
        this.stream = stream;
        this.engine = engine;
        this.versions = new RowVersion(stream.definition().stream());
        this.batch = new Batch(ROWS, BYTES, null, engine.clock());
        this.taken = engine.clock().instant();
        this.versioned = !stream.definition().stream().disposition().replaces();
        if (versioned && stream.definition().stream().key().isEmpty()) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: a snapshot needs a 'key', or there is no telling which rows are versions of one record"
                            .formatted(stream.id()));
        }
    }

    /**
     * Writes it to a folder, which must not be there yet and is there whole or not at all.
     *
     * @return how many rows it has
     * @throws PullException if it cannot be written, or if what is committed was replaced meanwhile
     */
    long write(SinkSettings as, Path folder) {
        if (Files.exists(folder)) {
            throw new PullException(Remedy.STOP, "%s: %s is there already".formatted(stream.id(), folder));
        }
        Path whole = folder.toAbsolutePath();
        Path making = whole.resolveSibling("." + whole.getFileName() + "-" + RunId.at(taken));
        try {
            Sink sink = as.open(new SinkContext(
                    stream.definition().connection(),
                    stream.definition().name(),
                    false,
                    engine.data(),
                    making,
                    engine.outlet(),
                    stream.definition().stream().schema(),
                    SinkContext.Keeps.ALL,
                    null,
                    stream.waits()));
            List<CommittedFiles.Added> files = CommittedFiles.of(stream.key(), engine.lake(), engine.clock())
                    .files();
            Files.createDirectories(making);
            if (versioned) {
                read(files, this::note);
            }
            read = 0;
            read(files, row -> take(row, sink, making));
            flush(sink, making);
            Files.deleteIfExists(making.resolve(Lake.STAGING));
            Files.move(making, whole, StandardCopyOption.ATOMIC_MOVE);
            return rows;
        } catch (IOException e) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: the snapshot was not written: %s. %s can be deleted".formatted(stream.id(), e, making),
                    e);
        }
    }

    private void read(List<CommittedFiles.Added> files, LandedRows.RowTaker taker) throws IOException {
        for (CommittedFiles.Added file : files) {
            try (Copy copy = file.copy()
                    .orElseThrow(() -> new IOException(
                            file.name() + " has gone; if a full refresh has just ended, take the snapshot again"))) {
                LandedRows.read(copy.file(), engine.maxRecord() * 2 + ADDED, taker);
            }
        }
    }

    private void note(byte[] bytes) {
        LandedRow row = new LandedRow(bytes, stream.shape());
        Optional<KeyHash> key = versions.key(row).map(KeyHash::of);
        long version = RowVersion.number(versions.cursor(row));
        if (key.isPresent() && !index.hasLater(key.get(), version)) {
            index.put(key.get(), version, isDeleted(row) ? ParentIndex.NONE : read);
        }
        read++;
    }

    private boolean isDeleted(LandedRow row) {
        Where deleted = stream.definition().stream().deleted();
        return deleted != null && deleted.holds(row::text);
    }

    /** A row without a key of its own is nobody's version. */
    private void take(byte[] bytes, Sink sink, Path folder) throws IOException {
        LandedRow row = new LandedRow(bytes, stream.shape());
        Optional<KeyHash> key = versioned ? versions.key(row).map(KeyHash::of) : Optional.empty();
        if (key.isEmpty() || index.place(key.get()) == read) {
            batch.add(List.of(new SourceRecord(bytes, 0, bytes.length, null, versions.cursor(row))));
            rows++;
            if (batch.isFull()) {
                flush(sink, folder);
            }
        }
        read++;
    }

    private void flush(Sink sink, Path folder) throws IOException {
        List<SealedFile> files = sink.write(
                new Destination(
                        folder,
                        folder.resolve(Lake.STAGING),
                        "snapshot",
                        ++parts,
                        stream.zone(),
                        taken,
                        stream.isCursored(),
                        AS_LANDED,
                        null),
                new ArrayList<>(batch.records()));
        for (SealedFile file : files) {
            Path place = folder.resolve(file.path());
            Files.createDirectories(place.resolveSibling("."));
            Files.move(folder.resolve(file.staged()), place, StandardCopyOption.ATOMIC_MOVE);
        }
        batch.clear();
    }
}
