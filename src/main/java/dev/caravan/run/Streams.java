package dev.caravan.run;

import dev.caravan.commit.StateStore;
import dev.caravan.definition.StreamDefinition;
import dev.caravan.definition.VendorFile.Problem;
import dev.caravan.slice.ParentSettings;
import dev.caravan.slice.PartitionSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** The streams of this process, by id, and the mistakes that keep others out. Safe for any number of threads. */
public final class Streams {
    private final Map<String, LiveStream> streams = new ConcurrentSkipListMap<>();
    private final List<Problem> problems = new CopyOnWriteArrayList<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final StateStore store;

    /** Hears what becomes of streams. Called by whoever does it, and so must not wait. */
    public interface Watcher {
        /** A stream is there: a new one, or one that takes the place of another of its id. */
        default void added(LiveStream stream) {}

        /** There is no stream of this id any more. */
        default void removed(String id) {}

        /** A run has ended. */
        default void ended(LiveStream stream, RunSummary summary) {}
    }

    public Streams(StateStore store) {
        this.store = store;
    }

    /** Takes in a stream; one of the same id leaves for it. */
    public void add(LiveStream stream) {
        streams.put(stream.id(), stream);
        watchers.forEach(watcher -> watcher.added(stream));
    }

    /** Takes a stream out again: its route could not be made, or its file no longer has it. */
    public void remove(LiveStream stream) {
        if (streams.remove(stream.id(), stream)) {
            watchers.forEach(watcher -> watcher.removed(stream.id()));
        }
    }

    /** Lets somebody hear what becomes of streams, beginning with those that are there. */
    public void watch(Watcher watcher) {
        watchers.add(watcher);
        streams.values().forEach(watcher::added);
    }

    void ended(LiveStream stream, RunSummary summary) {
        watchers.forEach(watcher -> watcher.ended(stream, summary));
    }

    public void report(Problem problem) {
        problems.add(problem);
    }

    /** Forgets what was wrong with a file: it was read again. */
    public void forgetProblems(String file) {
        problems.removeIf(problem -> problem.file().equals(file));
    }

    /**
     * Returns the stream of a route.
     *
     * @throws IllegalStateException if there is no such stream
     */
    public LiveStream live(String id) {
        LiveStream stream = streams.get(id);
        if (stream == null) {
            throw new IllegalStateException(
                    "The route '%s' belongs to no stream: a bean of type dev.caravan.Stream with its name is missing"
                            .formatted(id));
        }
        return stream;
    }

    /** Returns the stream of an id, or empty without one. */
    public Optional<LiveStream> find(String id) {
        return Optional.ofNullable(streams.get(id));
    }

    /** Returns all streams, by id. */
    public List<LiveStream> all() {
        return List.copyOf(streams.values());
    }

    /** Returns the connections that the streams pull from, by name. */
    public List<LiveConnection> connections() {
        return streams.values().stream()
                .map(LiveStream::connection)
                .distinct()
                .sorted(Comparator.comparing(LiveConnection::name))
                .toList();
    }

    /** Returns the parent of a stream, of the same account where it may be one; empty if it has none, or it is not there. */
    public Optional<LiveStream> parentOf(StreamDefinition child) {
        return parentNames(child).stream().flatMap(name -> find(name).stream()).findFirst();
    }

    /** Returns the name that a stream has for its parent; empty if it has none. */
    public static Optional<String> parentName(StreamDefinition child) {
        PartitionSettings partitions = child.stream().partitions();
        ParentSettings parent = partitions == null ? null : partitions.parent();
        return Optional.ofNullable(parent).map(ParentSettings::stream);
    }

    /** Returns the ids that the parent of a stream may have, the first that is there being it; none if it has no parent. */
    public static List<String> parentNames(StreamDefinition child) {
        String vendor = child.vendor() + "-";
        return parentName(child)
                .map(name -> name.startsWith(vendor)
                        ? List.of(child.connection() + "-" + name.substring(vendor.length()), name)
                        : List.of(name))
                .orElse(List.of());
    }

    /** Returns the parent of a stream, that one's parent, and so on; empty for a stream without. */
    public List<LiveStream> ancestors(LiveStream stream) {
        List<LiveStream> ancestors = new ArrayList<>();
        Optional<LiveStream> next = parentOf(stream.definition());
        while (next.isPresent() && !ancestors.contains(next.get())) {
            ancestors.add(next.get());
            next = parentOf(next.get().definition());
        }
        return ancestors;
    }

    /**
     * Takes out the streams whose parent is not there, or that descend from themselves, and those that need one of these.
     *
     * @return what is wrong with each
     */
    public List<Problem> withoutLost() {
        List<Problem> found = new ArrayList<>();
        int before;
        do {
            before = found.size();
            for (LiveStream stream : all()) {
                lost(stream).ifPresent(reason -> {
                    StreamDefinition definition = stream.definition();
                    found.add(new Problem(
                            definition.file(),
                            stream.id(),
                            "%s:%d: stream '%s': partitions.stream '%s' %s"
                                    .formatted(
                                            definition.file(),
                                            definition.line(),
                                            stream.id(),
                                            parentName(definition).orElse(""),
                                            reason)));
                    remove(stream);
                });
            }
        } while (found.size() > before);
        return found;
    }

    private Optional<String> lost(LiveStream stream) {
        if (parentName(stream.definition()).isEmpty()) {
            return Optional.empty();
        }
        if (parentOf(stream.definition()).isEmpty()) {
            return Optional.of("is no stream that runs, there are: "
                    + all().stream()
                            .filter(each -> each != stream)
                            .map(LiveStream::id)
                            .collect(Collectors.joining(", ")));
        }
        return ancestors(stream).contains(stream) ? Optional.of("descends from this stream itself") : Optional.empty();
    }

    /** Returns the streams in an order in which each comes after its parent. */
    public List<LiveStream> parentsFirst(List<LiveStream> chosen) {
        List<LiveStream> ordered = new ArrayList<>(chosen);
        ordered.sort(Comparator.comparingInt(each -> ancestors(each).size()));
        return ordered;
    }

    /** Returns the stream of this id, or all streams of the connection of this name. */
    public List<LiveStream> matching(String name) {
        LiveStream stream = streams.get(name);
        if (stream != null) {
            return List.of(stream);
        }
        return all().stream()
                .filter(each -> each.connection().name().equals(name))
                .toList();
    }

    /** Returns what is wrong with vendor files, in the order it was found. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** Returns the latest runs, newest first, of some streams or, if none is named, of all. */
    public List<RunSummary> history(List<String> ids, int most) {
        List<RunSummary> runs = new ArrayList<>();
        if (ids.isEmpty()) {
            store.runs().latest(most).stream().flatMap(RunSummaries::read).forEach(runs::add);
            return runs;
        }
        for (String id : ids) {
            store.runs().latest(live(id).key(), most).stream()
                    .flatMap(RunSummaries::read)
                    .forEach(runs::add);
        }
        runs.sort(Comparator.comparing(RunSummary::started).reversed());
        return runs.subList(0, Math.min(most, runs.size()));
    }
}
