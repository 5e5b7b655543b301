package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lets rejected records go that are old enough: a commit says so, then their files are deleted, so that nobody misses them.
 *
 * <p>Their age is that of the file; what was copied back from elsewhere is as old as the copy.
 */
public final class OldRejects {
    private final Lease lease;

    public OldRejects(Lease lease) {
        this.lease = lease;
    }

    /**
     * Removes the rejects that were written before {@code oldest}. With none so old it lists their folder and no more.
     *
     * @return how many files went
     * @throws LeaseLostException if another run has taken over
     * @throws CommitWriteException if the disk failed
     */
    public int removeBefore(Instant oldest) {
        try {
            Set<String> old = writtenBefore(oldest);
            if (old.isEmpty()) {
                return 0;
            }
            List<String> removed = Holdings.of(lease.log()).rejects().stream()
                    .map(SealedFile::path)
                    .filter(old::contains)
                    .toList();
            if (!removed.isEmpty()) {
                new Committer(lease).commit(Draft.removal(removed));
            }
            return removed.size();
        } catch (IOException e) {
            throw CommitWriteException.of(lease.stream(), lease.folder(), "removing old rejects", e);
        }
    }

    private Set<String> writtenBefore(Instant oldest) throws IOException {
        Path data = lease.lake().data();
        return lease.lake().writtenBefore(data.resolve(lease.stream().rejects()), oldest).stream()
                .map(file -> data.relativize(file).toString().replace('\\', '/'))
                .collect(Collectors.toSet());
    }
}
