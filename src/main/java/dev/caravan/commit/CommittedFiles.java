package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Copy;
import dev.caravan.lake.Lake;
import dev.caravan.slice.Progress;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The files of rows that count of a stream at one moment, whoever is pulling it meanwhile. Immutable.
 *
 * @param sequence number of the newest commit, 0 without any
 * @param untouched whether nothing but fences is committed
 * @param files the oldest first
 */
public record CommittedFiles(long sequence, boolean untouched, List<Added> files) {
    public CommittedFiles {
        files = List.copyOf(files);
    }

    /**
     * One of the files.
     *
     * @param sequence number of the commit that added it; never less than it was
     * @param place where it belongs
     * @param staged where it lies if it was committed this very moment
     * @param lake in which
     */
    public record Added(long sequence, long rows, Path place, Path staged, Lake lake) {
        /** Returns it as a file of this disk, empty if it has gone since: another generation took its place. */
        public Optional<Copy> copy() throws IOException {
            // It may be moved at this moment: where it goes, where it comes from, and once more where it goes.
            for (Path each : List.of(place, staged, place)) {
                try {
                    return Optional.of(lake.copy(each));
                } catch (NoSuchFileException e) {
                    // Not there; the next place follows.
                }
            }
            return Optional.empty();
        }

        /** Returns what people call where it belongs. */
        public String name() {
            return lake.name(place);
        }
    }

    /**
     * Reads which files count now.
     *
     * @throws CommitReadException if a commit is damaged or missing
     */
    public static CommittedFiles of(StreamKey stream, Lake lake, Clock clock) {
        Path folder = stream.folder(lake.data());
        Holdings holdings = Holdings.of(new CommitLog(stream, lake, clock));
        List<Added> files = holdings.files().stream()
                .map(file -> added(file, holdings.addedBy(file.path()), folder, lake))
                .sorted(Comparator.comparingLong(Added::sequence))
                .toList();
        boolean untouched = files.isEmpty() && holdings.progress().equals(Progress.NONE);
        return new CommittedFiles(holdings.sequence(), untouched, files);
    }

    private static Added added(SealedFile file, long sequence, Path folder, Lake lake) {
        return new Added(sequence, file.rows(), folder.resolve(file.path()), folder.resolve(file.staged()), lake);
    }
}
