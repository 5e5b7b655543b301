package dev.caravan.commit;

import dev.caravan.batch.Delivery;
import dev.caravan.batch.Landed;
import dev.caravan.batch.SealedFile;
import dev.caravan.failure.PullException;
import dev.caravan.failure.Remedy;
import dev.caravan.lake.Copy;
import dev.caravan.lake.Lake;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Renames the files of a commit from where they were staged to where they are read, and deletes those it removes. Doing it twice
 * is harmless. Then the rows are delivered, if their sink delivers them further. Holds no state; two threads may not publish the same commit.
 */
final class Publisher {
    private final StreamKey stream;
    private final Lake lake;
    private final Path data;
    private final Path folder;
    private final String rejects;
    private final Delivery delivery;

    /** @param delivery where the rows go from their folder */
    Publisher(StreamKey stream, Lake lake, Delivery delivery) {
        this.stream = stream;
        this.delivery = delivery;
        this.lake = lake;
        this.data = lake.data();
        this.folder = stream.folder(data);
        this.rejects = stream.rejects() + "/";
    }

    /** Returns the files of {@code commit} that are neither staged nor in place, as the commit names them. */
    List<String> publish(Commit commit) throws IOException {
        List<String> missing = new ArrayList<>();
        Set<Path> touched = new LinkedHashSet<>();
        CommittedState state = commit.state();
        if (state != null) {
            // Its files were published with their own commits.
            List<Moving> keys = new ArrayList<>();
            for (KeySpan span : state.keys()) {
                keys.add(moving(folder, span.file().staged(), span.file().path()));
            }
            move(keys, touched, missing);
        } else {
            delete(commit.removed(), touched);
            move(moving(commit), touched, missing);
        }
        for (Path each : touched) {
            lake.settle(each, top(each));
        }
        if (missing.isEmpty() && state == null) {
            deliver(commit);
        }
        return missing;
    }

    /** Delivers again what was lost where it had been delivered to. */
    void redeliver(Holdings holdings) throws IOException {
        long reached = delivery == Delivery.NONE ? Long.MAX_VALUE : reached();
        if (reached != Long.MAX_VALUE && reached > holdings.sequence()) {
            throw new PullException(
                    Remedy.STOP,
                    "%s: its table has commits up to %d, and the log in %s ends at %d: they are of another folder of data, or of this one before it was restored. Point caravan.data to the folder they are of; or drop the table and the stream's rows in _caravan_commits, to fill it from this log"
                            .formatted(stream.id(), reached, lake.name(folder), holdings.sequence()));
        }
        if (holdings.isPortioned() || !holdings.isPlain()) {
            refill(holdings, reached);
            return;
        }
        SortedMap<Long, List<SealedFile>> lost = new TreeMap<>();
        if (reached < holdings.sequence()) {
            for (SealedFile file : holdings.files()) {
                long sequence = holdings.addedBy(file.path());
                if (sequence > reached) {
                    lost.computeIfAbsent(sequence, any -> new ArrayList<>()).add(file);
                }
            }
        }
        for (Map.Entry<Long, List<SealedFile>> each : lost.entrySet()) {
            try (Copies copies = new Copies(lake)) {
                List<Delivery.Part> parts = parts(each.getValue(), copies);
                hand(new Delivery.Delivered(each.getKey(), 0, "recovery", false, null, parts));
            }
        }
    }

    /** Of rows that take the place of others, those that went are not known any more, so all of them are delivered anew. */
    private void refill(Holdings holdings, long reached) throws IOException {
        if (reached >= holdings.changed()) {
            return;
        }
        List<Delivery.Part> all = new ArrayList<>();
        List<Delivery.Part> own = new ArrayList<>();
        for (SealedFile file : holdings.files()) {
            Delivery.Part part = fetched(file);
            all.add(part);
            if (holdings.addedBy(file.path()) == holdings.changed()) {
                own.add(part);
            }
        }
        hand(new Delivery.Delivered(holdings.changed(), 0, "recovery", true, null, all, own));
    }

    /** What takes the place of other rows may be more than this disk holds, so each of its files is here only while it is read. */
    private Delivery.Part fetched(SealedFile file) throws IOException {
        Path place = inside(folder, file.path());
        return new Delivery.Part(work -> fetch(place, work), file.rows(), file.sha256());
    }

    private void fetch(Path place, Landed.Work work) throws IOException {
        try (Copy copy = lake.copy(place)) {
            work.on(copy.file());
        }
    }

    private long reached() {
        try {
            return delivery.reached();
        } catch (IOException e) {
            throw undelivered("asking what was delivered", e);
        }
    }

    private void hand(Delivery.Delivered commit) {
        try {
            delivery.deliver(commit);
        } catch (IOException e) {
            throw undelivered("delivering commit " + commit.sequence(), e);
        }
    }

    private PullException undelivered(String what, IOException e) {
        return new PullException(
                Remedy.STOP,
                "%s: %s of %s failed: %s. What is committed counts; the next run delivers it, when that is mended"
                        .formatted(stream.id(), what, lake.name(folder), e),
                e);
    }

    private List<Delivery.Part> parts(List<SealedFile> files, Copies copies) throws IOException {
        List<Delivery.Part> parts = new ArrayList<>();
        for (SealedFile file : files) {
            parts.add(part(file, copies));
        }
        return parts;
    }

    private Delivery.Part part(SealedFile file, Copies copies) throws IOException {
        return copies.part(inside(folder, file.path()), file);
    }

    /** Rows of a generation that does not count yet wait for the commit that makes it count. */
    private void deliver(Commit commit) throws IOException {
        boolean replaces = commit.kind() == Kind.REPLACE;
        boolean changes = !commit.files().isEmpty() || commit.portion() != null;
        if (delivery == Delivery.NONE || !(replaces || (commit.kind() == Kind.DATA && changes))) {
            return;
        }
        try (Copies copies = new Copies(lake)) {
            List<Delivery.Part> parts = new ArrayList<>();
            for (SealedFile file : commit.files()) {
                parts.add(replaces || commit.portion() != null ? fetched(file) : part(file, copies));
            }
            hand(new Delivery.Delivered(
                    commit.sequence(), commit.epoch(), commit.run(), replaces, commit.portion(), parts));
        }
    }

    /** Returns up to which folder those that have become empty go. Slices are writing to the staging folder meanwhile. */
    private Path top(Path touched) {
        if (touched.startsWith(folder.resolve(Staging.FOLDER))) {
            return touched;
        }
        return touched.startsWith(folder) ? folder : data.resolve(rejects);
    }

    /** @param path where the file belongs, as its commit names it */
    private record Moving(Lake.Move move, String path) {}

    private List<Moving> moving(Commit commit) throws IOException {
        List<Moving> all = new ArrayList<>();
        for (SealedFile file : commit.files()) {
            all.add(moving(folder, file.staged(), file.path()));
        }
        for (SealedFile file : commit.rejects()) {
            all.add(moving(data, file.staged(), file.path()));
        }
        CommittedKeys keys = commit.keys();
        if (keys != null) {
            all.add(moving(folder, keys.staged(), keys.path()));
        }
        return all;
    }

    private static Moving moving(Path base, String staged, String path) throws IOException {
        return new Moving(new Lake.Move(inside(base, staged), inside(base, path)), path);
    }

    /** What goes is deleted before anything takes its place: a reader of folders may see too little for a moment, never double. */
    private void delete(List<String> removed, Set<Path> touched) throws IOException {
        for (String path : removed) {
            Path file = inside(path.startsWith(rejects) ? data : folder, path);
            if (lake.delete(file)) {
                touched.add(parent(file));
            }
        }
    }

    private void move(List<Moving> files, Set<Path> touched, List<String> missing) throws IOException {
        List<Lake.Moved> moved = lake.move(files.stream().map(Moving::move).toList());
        for (int i = 0; i < moved.size(); i++) {
            Moving file = files.get(i);
            switch (moved.get(i)) {
                case NOW -> {
                    touched.add(parent(file.move().place()));
                    touched.add(parent(file.move().staged()));
                }
                case BEFORE -> {} // by whoever was interrupted, or at the same moment
                case NOWHERE -> missing.add(file.path());
            }
        }
    }

    /** Paths come from files that others can write to, so they may not lead outside. */
    private static Path inside(Path base, String path) throws IOException {
        Path file = base.resolve(path).normalize();
        if (!file.startsWith(base.normalize())) {
            throw new IOException("A commit names '%s', which is not inside %s".formatted(path, base));
        }
        return file;
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalStateException("A file inside a folder has a parent: " + file);
        }
        return parent;
    }
}
