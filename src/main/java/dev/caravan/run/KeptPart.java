package dev.caravan.run;

import dev.caravan.batch.SealedFile;
import dev.caravan.commit.KeyHash;
import dev.caravan.record.SourceRecord;
import java.util.ArrayList;
import java.util.List;

/** What has been written of a part of a slice and does not count yet, and the keys in it. For one thread. */
final class KeptPart {
    private final List<SealedFile> files = new ArrayList<>(0);
    private final List<SealedFile> rejects = new ArrayList<>(0);
    /** Made when there are any: a run may have many slices that wait. */
    private final List<ParentIndex> keys = new ArrayList<>(0);

    private int pages;

    boolean isNew(SourceRecord record) {
        String key = record.key();
        if (key == null || keys.isEmpty()) {
            return true;
        }
        KeyHash hash = KeyHash.of(key);
        return keys.stream().allMatch(some -> some.place(hash) == ParentIndex.NONE);
    }

    /** Returns whether a record is new, and takes its key. */
    boolean add(SourceRecord record) {
        String key = record.key();
        if (key == null) {
            return true;
        }
        if (keys.isEmpty()) {
            keys.add(new ParentIndex());
        }
        return keys.get(0).put(KeyHash.of(key), 0, 0) == ParentIndex.NONE;
    }

    void forget(List<SourceRecord> records) {
        for (SourceRecord record : records) {
            String key = record.key();
            if (key != null && !keys.isEmpty()) {
                keys.get(0).put(KeyHash.of(key), 0, ParentIndex.NONE);
            }
        }
    }

    void keep(List<SealedFile> rows, List<SealedFile> refused, int more) {
        files.addAll(rows);
        rejects.addAll(refused);
        pages += more;
    }

    void add(KeptPart other) {
        keep(other.files, other.rejects, other.pages);
        keys.addAll(other.keys);
    }

    boolean isEmpty() {
        return files.isEmpty() && rejects.isEmpty();
    }

    List<SealedFile> files() {
        return List.copyOf(files);
    }

    List<SealedFile> rejects() {
        return List.copyOf(rejects);
    }

    int pages() {
        return pages;
    }

    long rows() {
        return files.stream().mapToLong(SealedFile::rows).sum();
    }

    /** Returns how many records were refused. */
    int refused() {
        return (int) rejects.stream().mapToLong(SealedFile::rows).sum();
    }

    void clear() {
        files.clear();
        rejects.clear();
        keys.clear();
        pages = 0;
    }
}
