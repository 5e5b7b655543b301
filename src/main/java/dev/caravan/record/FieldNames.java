package dev.caravan.record;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Notices a name that comes twice in one object.
 *
 * <p>Keeps one table for each depth and never empties it: an entry counts only for the object it was last seen in. That is
 * cheaper than a new set for each object, and bounded by the size of the page.
 */
final class FieldNames {
    private final List<Map<String, long[]>> depths = new ArrayList<>();
    private long objects;

    /** Returns the number of a new object. */
    long open() {
        return ++objects;
    }

    /** Returns the names of all objects that lie {@code depth} levels deep, those that are yet to come as well. */
    Set<String> at(int depth) {
        return names(depth).keySet();
    }

    /** Notes that {@code object}, which lies {@code depth} levels deep, has {@code name}; returns whether it had it already. */
    boolean isRepeated(String name, int depth, long object) {
        Map<String, long[]> names = names(depth);
        long[] seenIn = names.get(name);
        if (seenIn == null) {
            names.put(name, new long[] {object});
            return false;
        }
        boolean repeated = seenIn[0] == object;
        seenIn[0] = object;
        return repeated;
    }

    private Map<String, long[]> names(int depth) {
        while (depths.size() <= depth) {
            depths.add(new HashMap<>());
        }
        return depths.get(depth);
    }
}
