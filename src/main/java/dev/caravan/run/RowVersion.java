package dev.caravan.run;

import dev.caravan.Stream;
import dev.caravan.json.JsonPath;
import dev.caravan.record.CursorField;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells of a row that landed which record it is, and in which version. Immutable. */
final class RowVersion {
    /** Before every version that has a cursor. */
    static final long FIRST = Long.MIN_VALUE;

    private final Stream stream;
    private final @Nullable CursorField cursor;

    RowVersion(Stream stream) {
        this.stream = stream;
        Stream.Cursor field = stream.cursor();
        this.cursor = field == null ? null : field.in(stream.zone());
    }

    /** Returns the values of the key, so put together that different ones never meet; empty without a key, or if one did not land. */
    Optional<String> key(LandedRow row) {
        StringBuilder key = new StringBuilder();
        for (JsonPath field : stream.key()) {
            Optional<String> value = row.text(field);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            key.append(value.get().length()).append(':').append(value.get());
        }
        return key.length() == 0 ? Optional.empty() : Optional.of(key.toString());
    }

    /** Returns the cursor, null if there is none that can be read. */
    @Nullable
    Instant cursor(LandedRow row) {
        CursorField field = cursor;
        if (field == null) {
            return null;
        }
        try {
            JsonPath or = field.or();
            Optional<String> text = row.text(field.field());
            return (text.isEmpty() && or != null ? row.text(or) : text)
                    .map(field::parse)
                    .orElse(null);
        } catch (IllegalArgumentException e) {
            return null; // the stream's own steps may have rewritten it
        }
    }

    /** Returns a cursor as a number that grows with it. */
    static long number(@Nullable Instant at) {
        if (at == null) {
            return FIRST;
        }
        try {
            return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000L), at.getNano() / 1000);
        } catch (ArithmeticException e) {
            return at.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
