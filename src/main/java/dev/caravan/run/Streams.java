package dev.caravan.run;

import dev.caravan.commit.StateStore;
import dev.caravan.definition.VendorFile.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The streams of this process, by id, and the mistakes that keep others out. Safe for any number of threads. */
public final class Streams {
    private final Map<String, LiveStream> streams = new ConcurrentSkipListMap<>();
    private final List<Problem> problems = new CopyOnWriteArrayList<>();
    private final StateStore store;

    public Streams(StateStore store) {
        this.store = store;
    }

    public void add(LiveStream stream) {
        streams.put(stream.id(), stream);
    }

    /** Takes a stream out again: its route could not be made. */
    public void remove(LiveStream stream) {
        streams.remove(stream.id(), stream);
    }

    public void report(Problem problem) {
        problems.add(problem);
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
