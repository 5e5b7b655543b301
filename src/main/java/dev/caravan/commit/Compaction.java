package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import dev.caravan.lake.Copy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Puts small files of rows together: a commit says which file holds the rows of which, and those go. Rows, keys, checkpoint and rejects
 * stay as they are. One use, one thread.
 */
public final class Compaction {
    private final Lease lease;
    private final Committer committer;

    public Compaction(Lease lease) {
        this.lease = lease;
        this.committer = new Committer(lease);
    }

    /** Tells what files must have in common to become one, beside folder and portion. */
    public interface Likeness {
        String of(Path file) throws IOException;
    }

    /**
     * Returns files that may become one, the oldest first in each: of one folder, one portion and one likeness, and with no other file
     * of that folder committed between them, so that of two versions of a record the later one stays the later one.
     *
     * @param size bytes of a file that is large enough; files of more than half of it stay
     * @param daysOnly leaves out folders that are no days: what is committed later of the same record may be in another one
     */
    public List<List<SealedFile>> groups(long size, boolean daysOnly, Likeness likeness) throws IOException {
        Holdings holdings = Holdings.of(lease.log());
        Map<String, List<SealedFile>> folders = new LinkedHashMap<>();
        for (SealedFile file : inOrder(holdings)) {
            String folder = file.path().substring(0, file.path().lastIndexOf('/') + 1);
            if (!daysOnly || folder.startsWith("date=")) {
                folders.computeIfAbsent(folder, any -> new ArrayList<>()).add(file);
            }
        }
        List<List<SealedFile>> groups = new ArrayList<>();
        for (List<SealedFile> files : folders.values()) {
            addGroups(files, size, likeness, groups);
        }
        return groups;
    }

    private static List<SealedFile> inOrder(Holdings holdings) {
        Collection<SealedFile> files = holdings.files();
        return files.stream()
                .sorted(Comparator.comparingLong(file -> holdings.addedBy(file.path())))
                .toList();
    }

    private void addGroups(List<SealedFile> files, long size, Likeness likeness, List<List<SealedFile>> groups)
            throws IOException {
        List<SealedFile> group = new ArrayList<>();
        String common = "";
        long bytes = 0;
        for (SealedFile file : files) {
            boolean small = file.bytes() <= size / 2;
            String own = small && files.size() > 1 ? likeness(likeness, file) : "";
            boolean joins = !group.isEmpty()
                    && small
                    && own.equals(common)
                    && Objects.equals(file.portion(), group.get(0).portion())
                    && bytes + file.bytes() <= size;
            if (!joins) {
                end(group, groups);
                group = new ArrayList<>();
                bytes = 0;
                common = own;
            }
            if (small) {
                group.add(file);
                bytes += file.bytes();
            }
        }
        end(group, groups);
    }

    private String likeness(Likeness likeness, SealedFile file) throws IOException {
        try (Copy copy = lease.copy(file)) {
            return likeness.of(copy.file());
        }
    }

    private static void end(List<SealedFile> group, List<List<SealedFile>> groups) {
        if (group.size() > 1) {
            groups.add(group);
        }
    }

    /**
     * Makes sure that a group's files are as they were committed: what is altered is not to be hidden in another file.
     *
     * @throws CommitReadException if one is not
     */
    public void check(List<SealedFile> group) throws IOException {
        for (SealedFile file : group) {
            Path path = lease.folder().resolve(file.path());
            if (!FileCheck.of(lease.lake(), path).sha256().equals(file.sha256())) {
                throw new CommitReadException(
                        lease.stream(),
                        lease.lake().name(path),
                        "is not as it was committed; 'verify' tells more",
                        null);
            }
        }
    }

    /** Commits that {@code merged}, staged and sealed, holds the rows of {@code group}. */
    public void commit(List<SealedFile> group, SealedFile merged) {
        committer.commit(new Draft(
                Kind.COMPACT,
                null,
                List.of(merged),
                List.of(),
                0,
                null,
                group.stream().map(SealedFile::path).toList(),
                null,
                null,
                UnaryOperator.identity(),
                null));
    }
}
