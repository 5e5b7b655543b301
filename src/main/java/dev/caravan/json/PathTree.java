package dev.caravan.json;

import dev.caravan.json.JsonPath.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Many paths at once, for one walk over a document: each node knows which paths end there and where to go on.
 *
 * <p>A path that asks for the last element follows every element; the walker forgets what the one before gave, see
 * {@link #forgotten()}. Immutable.
 */
public final class PathTree {
    private final int[] targets;
    private final Map<String, PathTree> fields = new HashMap<>();
    private final @Nullable PathTree otherFields;
    private final List<@Nullable PathTree> firstElements = new ArrayList<>();
    private final @Nullable PathTree otherElements;
    private final int[] forgotten;

    /** The part of a path that is still to go. */
    private record Rest(JsonPath path, int depth, int target) {
        boolean ended() {
            return depth == path.steps().size();
        }

        Step step() {
            return path.steps().get(depth);
        }

        Rest next() {
            return new Rest(path, depth + 1, target);
        }
    }

    /** @param made the nodes that are made already: a name looked for at any depth leads back to where it was looked for */
    private PathTree(Set<Rest> rests, Map<Set<Rest>, PathTree> made) {
        made.put(rests, this);
        targets = rests.stream()
                .filter(Rest::ended)
                .mapToInt(Rest::target)
                .sorted()
                .toArray();
        List<Rest> open = rests.stream().filter(rest -> !rest.ended()).toList();
        otherFields = next(open, Step::isEachMember, made);
        Set<String> names = new LinkedHashSet<>();
        int indexes = 0;
        for (Rest rest : open) {
            String name = rest.step().name();
            if (name != null && !rest.step().isEachMember()) {
                names.add(name);
            }
            indexes = Math.max(indexes, rest.step().index() + 1);
        }
        for (String name : names) {
            PathTree next = next(open, step -> step.takesName(name), made);
            if (next != null) {
                fields.put(name, next);
            }
        }
        for (int i = 0; i < indexes; i++) {
            int index = i;
            firstElements.add(next(open, step -> isAnyElement(step) || step.index() == index, made));
        }
        otherElements = next(open, PathTree::isAnyElement, made);
        forgotten = open.stream()
                .filter(rest -> rest.step().index() == Step.LAST)
                .mapToInt(Rest::target)
                .toArray();
    }

    private static boolean isAnyElement(Step step) {
        return step.index() == Step.EACH || step.index() == Step.LAST;
    }

    private static @Nullable PathTree next(List<Rest> open, Predicate<Step> taken, Map<Set<Rest>, PathTree> made) {
        Set<Rest> next = new LinkedHashSet<>();
        for (Rest rest : open) {
            if (taken.test(rest.step())) {
                next.add(rest.next());
            }
            if (rest.step().anywhere()) {
                next.add(rest);
            }
        }
        if (next.isEmpty()) {
            return null;
        }
        PathTree known = made.get(next);
        return known == null ? new PathTree(next, made) : known;
    }

    /** Returns the tree of {@code paths}; the target of each is its place in the list. */
    public static PathTree of(List<JsonPath> paths) {
        return of(paths, IntStream.range(0, paths.size()).boxed().toList());
    }

    /** Returns the tree of {@code paths}, each with a target of its own or one that several share. */
    public static PathTree of(List<JsonPath> paths, List<Integer> targets) {
        Set<Rest> rests = new LinkedHashSet<>();
        for (int i = 0; i < paths.size(); i++) {
            rests.add(new Rest(paths.get(i), 0, targets.get(i)));
        }
        return new PathTree(rests, new HashMap<>());
    }

    /** Returns the paths that end here, ascending. Not to be changed. */
    public int[] targets() {
        return targets;
    }

    public @Nullable PathTree field(String name) {
        PathTree named = fields.get(name);
        return named == null ? otherFields : named;
    }

    public @Nullable PathTree element(int index) {
        return index < firstElements.size() ? firstElements.get(index) : otherElements;
    }

    /** Returns the paths whose finds are void once an array's next element begins. Not to be changed. */
    public int[] forgotten() {
        return forgotten;
    }
}
