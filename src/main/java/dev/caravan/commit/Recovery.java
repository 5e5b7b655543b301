package dev.caravan.commit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finishes what a crash interrupted: publishes what is committed, brings the database up to the commits, and deletes what
 * no commit names. Doing it again changes nothing; with nothing to do it lists two folders. The caller holds the stream's
 * lock and has staged nothing yet.
 *
 * <p>Files where readers look are never deleted, whether a commit names them or not.
 */
final class Recovery {
    private final StreamKey stream;
    private final Path folder;
    private final CommitLog log;
    private final StateStore store;
    private final Publisher publisher;

    Recovery(StreamKey stream, Path data, CommitLog log, StateStore store) {
        this.stream = stream;
        this.folder = stream.folder(data);
        this.log = log;
        this.store = store;
        this.publisher = new Publisher(stream, data);
    }

    Recovered run() {
        try {
            long newest = log.numbers().getMax();
            long known = store.sequence(stream);
            if (known > Math.max(newest, 0)) {
                // A log restored from a backup, or a folder that was removed: the commits are the truth.
                store.reset(stream);
                known = 0;
            }
            List<String> missing = new ArrayList<>();
            long applied = apply(known, missing);
            int deleted = log.deleteTemporary() + deleteOrphans(missing);
            return new Recovered(known == 0 && applied > 0, applied, deleted, missing);
        } catch (IOException e) {
            throw CommitWriteException.of(stream, folder, "recovery", e);
        }
    }

    private long apply(long known, List<String> missing) throws IOException {
        long applied = 0;
        for (Iterator<Commit> commits = log.after(known).iterator(); commits.hasNext(); ) {
            Commit commit = commits.next();
            missing.addAll(publisher.publish(commit));
            CommittedKeys keys = commit.keys();
            store.apply(stream, commit, keys == null ? List.of() : KeyFile.read(stream, folder, keys));
            applied++;
        }
        return applied;
    }

    private int deleteOrphans(List<String> missing) throws IOException {
        Path staging = folder.resolve(Staging.FOLDER);
        if (!Files.isDirectory(staging)) {
            return 0;
        }
        publishAgain(staging, missing);
        int deleted = 0;
        try (Stream<Path> left = Files.walk(staging)) {
            for (Path each : left.sorted((one, other) -> other.compareTo(one)).toList()) {
                deleted += Files.isDirectory(each) ? 0 : 1;
                Files.delete(each);
            }
        }
        Folders.sync(folder);
        return deleted;
    }

    /** Before anything is deleted: whatever the database says, no commit of these epochs may still need it. */
    private void publishAgain(Path staging, List<String> missing) throws IOException {
        long oldest = oldestEpoch(staging);
        long first = log.numbers().getMin();
        for (long sequence = log.numbers().getMax(); sequence >= first; sequence--) {
            Commit commit = log.read(sequence);
            if (commit.epoch() < oldest) {
                return;
            }
            for (String each : publisher.publish(commit)) {
                if (!missing.contains(each)) {
                    missing.add(each);
                }
            }
        }
    }

    private static long oldestEpoch(Path staging) throws IOException {
        try (Stream<Path> epochs = Files.list(staging)) {
            return epochs.map(epoch -> epoch.getFileName().toString())
                    .filter(name -> name.matches("\\d{1,18}"))
                    .mapToLong(Long::parseLong)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }
    }
}
