package dev.caravan.sandbox;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was asked: a count for each host and path, and the last requests without their credentials. */
final class RequestLog {
    private static final int LAST = 200;
    private static final int MOST_PATHS = 1_000;
    private static final String OTHERS = "(others)";

    private final Map<String, Long> counts = new TreeMap<>();
    private final Deque<String> last = new ArrayDeque<>();

    synchronized void add(Ask ask) {
        String path = ask.host() + ask.path();
        counts.merge(counts.size() < MOST_PATHS || counts.containsKey(path) ? path : OTHERS, 1L, Long::sum);
        if (last.size() == LAST) {
            last.removeFirst();
        }
        String query = ask.query().redacted().encoded();
        last.addLast(path + (query.isEmpty() ? "" : "?" + query));
    }

    synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }

    /** The last requests, oldest first. */
    synchronized List<String> last() {
        return List.copyOf(last);
    }

    synchronized void clear() {
        counts.clear();
        last.clear();
    }
}
