package dev.caravan.run;

import dev.caravan.slice.Progress;
import dev.caravan.slice.Window;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a run moves: the stream's own progress, or that of a piece of work beside it, which is resumed by the next run of the same
 * purpose and leaves the stream's checkpoint where it is.
 *
 * @param unit name of the piece of work in the stream's progress, null for the stream's own
 * @param generation number of the generation that its rows belong to, null for the one that counts
 */
record Purpose(@Nullable String unit, @Nullable Long generation) {
    /** An ordinary run. */
    static final Purpose FORWARD = new Purpose(null, null);

    /** Pulls a span again, or for the first time; two backfills with other values for their requests are two. */
    static Purpose backfill(Window span, Map<String, String> vars) {
        String values = new TreeMap<>(vars)
                .entrySet().stream()
                        .map(each -> " " + each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining());
        return new Purpose("backfill %s..%s%s".formatted(span.from(), span.to(), values), null);
    }

    /** Pulls everything into a generation of its own, under one definition. */
    static Purpose refresh(String definition, long generation) {
        return new Purpose(Progress.refresh(definition), generation);
    }

    boolean isForward() {
        return unit == null;
    }

    /** Returns the part of a stream's progress that this moves. */
    Progress of(Progress stream) {
        return unit == null ? stream : stream.unit(unit);
    }

    /** Returns a stream's progress with another part. */
    Progress in(Progress stream, Progress own) {
        return unit == null ? own : stream.withUnit(unit, own);
    }

    /** Returns a stream's progress when every slice of this is done. */
    Progress ended(Progress stream, Progress own) {
        if (unit == null) {
            return own;
        }
        // What a generation holds is all that the stream holds from then on.
        return generation == null
                ? stream.withUnit(unit, Progress.NONE)
                : new Progress(own.partitions(), null, own.marks(), null);
    }
}
