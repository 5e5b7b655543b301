package dev.caravan.commit;

import dev.caravan.batch.Portion;
import dev.caravan.batch.SealedFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files of rows and rejects that count, by what they belong to: found once, and kept up with the commits of a lease. As
 * large as the list of files. Not safe for several threads.
 */
final class PortionIndex {
    private final Map<String, List<SealedFile>> files = new HashMap<>();

    private PortionIndex() {}

    /** @param pending whether the files of the generation are meant that does not count yet */
    static PortionIndex of(Holdings holdings, boolean pending) {
        PortionIndex index = new PortionIndex();
        CommittedState.Pending generation = holdings.pending();
        if (!pending) {
            index.add(holdings.files());
            index.add(holdings.rejects());
        } else if (generation != null) {
            index.add(generation.files());
            index.add(generation.rejects());
        }
        return index;
    }

    private void add(Collection<SealedFile> some) {
        for (SealedFile file : some) {
            Portion portion = file.portion();
            if (portion != null) {
                files.computeIfAbsent(portion.partition(), any -> new ArrayList<>())
                        .add(file);
            }
        }
    }

    /** Returns the paths of the files of which every row belongs to a portion, as commits name them. */
    List<String> within(Portion portion) {
        return files.getOrDefault(portion.partition(), List.of()).stream()
                .filter(file -> file.portion() != null && portion.holds(file.portion()))
                .map(SealedFile::path)
                .toList();
    }

    /** Follows a commit that took the place of a portion. */
    void take(Commit commit) {
        Set<String> gone = new HashSet<>(commit.removed());
        Portion portion = commit.portion();
        if (portion != null && !gone.isEmpty()) {
            files.getOrDefault(portion.partition(), new ArrayList<>()).removeIf(file -> gone.contains(file.path()));
        }
        add(commit.files());
        add(commit.rejects());
    }
}
