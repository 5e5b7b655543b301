package dev.caravan.commit;

import dev.caravan.batch.SealedFile;
import dev.caravan.slice.Progress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What counts of a stream, put together from its commits: the files, the rejects, the keys, and how far it has come. As large
 * as the list of files, so it is made when somebody asks and not kept. Not safe for several threads.
 */
final class Holdings {
    private static final int MOST_TRIES = 5;

    private final Map<String, SealedFile> files = new LinkedHashMap<>();
    private final Map<String, Long> addedBy = new HashMap<>();
    private final Map<String, SealedFile> rejects = new LinkedHashMap<>();
    private final Set<String> namedTwice = new HashSet<>();
    private List<KeySpan> keys = new ArrayList<>();
    private List<KeySpan> recentKeys = new ArrayList<>();
    private @Nullable Growing pending;
    private Progress progress = Progress.NONE;
    private @Nullable String definition;
    private @Nullable Instant forgottenBefore;
    private long sequence;
    private long changed;
    private long commits;

    private Holdings() {}

    /** A generation while commits are read. */
    private record Growing(
            long generation, Map<String, SealedFile> files, Map<String, SealedFile> rejects, List<KeySpan> keys) {
        static Growing of(long generation) {
            return new Growing(generation, new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
        }
    }

    /**
     * Reads a log from its newest whole checkpoint on.
     *
     * @throws CommitReadException if a commit is damaged or missing
     */
    static Holdings of(CommitLog log) {
        for (int attempt = 1; ; attempt++) {
            try {
                Holdings holdings = new Holdings();
                log.fromWhole().forEach(holdings::add);
                return holdings;
            } catch (CommitReadException e) {
                // A run may have written a checkpoint in the meantime and let the commits before it go.
                if (attempt == MOST_TRIES || !e.isMissing()) {
                    throw e;
                }
            }
        }
    }

    private void add(Commit commit) {
        CommittedState state = commit.state();
        commits++;
        sequence = commit.sequence();
        if (state != null) {
            begin(commit, state);
            return;
        }
        progress = progress.plus(commit.progress());
        if (commit.kind() == Kind.REPLACE
                || (commit.kind() == Kind.DATA && (!commit.files().isEmpty() || commit.portion() != null))) {
            changed = commit.sequence();
        }
        if (commit.definition() != null && commit.kind() != Kind.PENDING) {
            definition = commit.definition();
        }
        switch (commit.kind()) {
            case PENDING -> addPending(commit);
            case REPLACE -> replace(commit);
            case DATA, CHECKPOINT, COMPACT, FENCE -> {
                addAll(commit, files, rejects, recentKeys);
                long as = commit.kind() == Kind.COMPACT ? newest(commit.removed()) : commit.sequence();
                commit.files().forEach(file -> addedBy.put(file.path(), as));
                commit.removed().forEach(path -> {
                    files.remove(path);
                    addedBy.remove(path);
                    rejects.remove(path);
                });
            }
        }
        if (!progress.isRefreshing()) {
            pending = null;
        }
    }

    /** Rows that were put together are as new as the newest of them, not as their file. */
    private long newest(List<String> paths) {
        return paths.stream().mapToLong(this::addedBy).max().orElse(sequence);
    }

    private void begin(Commit commit, CommittedState state) {
        files.clear();
        rejects.clear();
        put(commit.files(), files);
        put(commit.rejects(), rejects);
        addedBy.clear();
        boolean known = state.added().size() == commit.files().size();
        for (int i = 0; i < commit.files().size(); i++) {
            addedBy.put(commit.files().get(i).path(), known ? state.added().get(i) : commit.sequence());
        }
        keys = new ArrayList<>(state.keys());
        recentKeys = new ArrayList<>();
        progress = commit.progress();
        definition = commit.definition();
        forgottenBefore = state.forgottenBefore();
        changed = state.changed() > 0
                ? state.changed()
                : addedBy.values().stream().mapToLong(Long::longValue).max().orElse(0);
        CommittedState.Pending generation = state.pending();
        pending = generation == null ? null : Growing.of(generation.generation());
        if (pending != null && generation != null) {
            put(generation.files(), pending.files());
            put(generation.rejects(), pending.rejects());
            pending.keys().addAll(generation.keys());
        }
    }

    private void addPending(Commit commit) {
        Long generation = commit.generation();
        if (generation != null && (pending == null || pending.generation() != generation)) {
            pending = Growing.of(generation);
        }
        if (pending != null) {
            addAll(commit, pending.files(), pending.rejects(), pending.keys());
            pending.files().keySet().removeAll(commit.removed());
            pending.rejects().keySet().removeAll(commit.removed());
        }
    }

    private void replace(Commit commit) {
        files.clear();
        rejects.clear();
        put(commit.files(), files);
        put(commit.rejects(), rejects);
        addedBy.clear();
        commit.files().forEach(file -> addedBy.put(file.path(), commit.sequence()));
        keys = new ArrayList<>();
        recentKeys = pending == null ? new ArrayList<>() : new ArrayList<>(pending.keys());
        forgottenBefore = null;
    }

    private void addAll(
            Commit commit,
            Map<String, SealedFile> intoFiles,
            Map<String, SealedFile> intoRejects,
            List<KeySpan> intoKeys) {
        put(commit.files(), intoFiles);
        put(commit.rejects(), intoRejects);
        CommittedKeys file = commit.keys();
        if (file != null) {
            intoKeys.add(KeySpan.of(file, commit.files()));
        }
    }

    private void put(List<SealedFile> added, Map<String, SealedFile> into) {
        for (SealedFile file : added) {
            if (into.put(file.path(), file) != null) {
                namedTwice.add(file.path());
            }
        }
    }

    /** Returns the files that count, by their path in the stream's folder. */
    Collection<SealedFile> files() {
        return List.copyOf(files.values());
    }

    /**
     * Returns the number of the commit that added a file that counts; where that is not known any more, of the checkpoint that
     * says so.
     */
    long addedBy(String path) {
        return addedBy.getOrDefault(path, sequence);
    }

    /** Returns the rejected records that count, by their path in {@code data/}. */
    Collection<SealedFile> rejects() {
        return List.copyOf(rejects.values());
    }

    Set<String> namedTwice() {
        return Set.copyOf(namedTwice);
    }

    /** Returns the files of keys that count. */
    List<KeySpan> keys() {
        List<KeySpan> all = new ArrayList<>(keys);
        all.addAll(recentKeys);
        return all;
    }

    /** Returns those of {@link #keys} that the newest whole checkpoint does not name yet. */
    List<KeySpan> recentKeys() {
        return List.copyOf(recentKeys);
    }

    /** Returns the generation that does not count yet, null without one. */
    CommittedState.@Nullable Pending pending() {
        return pending == null
                ? null
                : new CommittedState.Pending(
                        pending.generation(),
                        List.copyOf(pending.files().values()),
                        List.copyOf(pending.rejects().values()),
                        pending.keys());
    }

    Progress progress() {
        return progress;
    }

    @Nullable
    String definition() {
        return definition;
    }

    @Nullable
    Instant forgottenBefore() {
        return forgottenBefore;
    }

    /** Returns the number of the last commit that added rows that count, or took some away; 0 without any. */
    long changed() {
        return changed;
    }

    /** Whether rows are there that belong to portions, and go when those are pulled again. */
    boolean isPortioned() {
        return files.values().stream().anyMatch(file -> file.portion() != null);
    }

    /** Whether rows are there that belong to no portion. */
    boolean isPlain() {
        return files.values().stream().anyMatch(file -> file.portion() == null);
    }

    /** Returns the number of the newest commit, 0 without any. */
    long sequence() {
        return sequence;
    }

    /** Returns how many commits were read. */
    long commits() {
        return commits;
    }
}
