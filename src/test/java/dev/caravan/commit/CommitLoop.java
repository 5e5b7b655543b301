package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import java.nio.file.Path;
import java.util.List;

/** A process that commits the rows 1, 2, 3, … from where the last one stopped, until it is killed. */
final class CommitLoop {
    private static final int LAST = 100_000;

    private CommitLoop() {}

    public static void main(String[] arguments) {
        StreamFixture stream = new StreamFixture(Path.of(arguments[0]));
        Lease lease = stream.take("child");
        Committer committer = new Committer(lease);
        SeenKeys seen = new RunKeys(stream.store, stream.key, KeySet.COUNTING, Remembered.KEY).slice();
        for (int row = reached(stream) + 1; row < LAST; row++) {
            String key = Integer.toString(row);
            if (seen.firstSeen(List.of(StreamFixture.candidate(key))).isEmpty()) {
                throw new IllegalStateException("Row %s is known before it was committed".formatted(key));
            }
            SealedFile file = stream.stage(lease.epoch(), "child-" + key, key);
            committer.commit(StreamFixture.draft(StreamFixture.reached("p", key), file), seen.seal());
            System.err.println("committed " + key);
        }
    }

    /** Returns the last row that the progress covers. */
    static int reached(StreamFixture stream) {
        return stream.store.progress(stream.key).partitions().stream()
                .mapToInt(partition -> Integer.parseInt(String.valueOf(partition.etag())))
                .findFirst()
                .orElse(0);
    }
}
