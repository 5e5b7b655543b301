package dev.caravan.commit;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.caravan.batch.SealedFile;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of keys, and the cursors of the records they belong to.
 *
 * @param file the keys
 * @param from the smallest cursor among them, null if none has one
 * @param to the greatest cursor among them, null if none has one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record KeySpan(
        CommittedKeys file,
        @Nullable Instant from,
        @Nullable Instant to) {
    static KeySpan of(CommittedKeys file, List<SealedFile> rows) {
        return merged(
                file,
                rows.stream()
                        .map(each -> new KeySpan(file, each.minCursor(), each.maxCursor()))
                        .toList());
    }

    /** Returns the span of all of {@code spans}, whose keys are together in {@code file}. */
    static KeySpan merged(CommittedKeys file, List<KeySpan> spans) {
        Instant from = null;
        Instant to = null;
        for (KeySpan each : spans) {
            from = earlier(from, each.from());
            to = later(to, each.to());
        }
        return new KeySpan(file, from, to);
    }

    /** Whether a key with a cursor from {@code begin} on and before {@code end} may be among them. */
    @JsonIgnore
    boolean touches(Instant begin, Instant end) {
        return from != null && to != null && from.isBefore(end) && !to.isBefore(begin);
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isAfter(other) ? one : other;
    }
}
