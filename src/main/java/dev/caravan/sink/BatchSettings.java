package dev.caravan.sink;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.caravan.slice.Span;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When a batch is written and committed: with the first of these that is reached, at the end of a page.
 *
 * @param rows records, null for what suits the sink
 * @param size bytes of records, null for {@code caravan.batch-size}
 * @param age time since its first record came, null for as long as it takes
 */
public record BatchSettings(
        @Nullable Integer rows,
        @Nullable Long size,
        @Nullable Duration age) {
    /** What suits the sink and the application. */
    public static final BatchSettings USUAL = new BatchSettings(null, null, null);

    private static final int MOST_ROWS = 1_000_000;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*(KB|MB)");

    public BatchSettings {
        if (rows != null && (rows < 1 || rows > MOST_ROWS)) {
            throw new IllegalArgumentException("batch: rows is %d, use 1 to %,d".formatted(rows, MOST_ROWS));
        }
        if (age != null && age.isZero()) {
            throw new IllegalArgumentException("batch: age is 0, write 30s or 5m or leave it out");
        }
    }

    @JsonCreator
    static BatchSettings of(
            @JsonProperty("rows") @Nullable Integer rows,
            @JsonProperty("size") @Nullable String size,
            @JsonProperty("age") @Nullable Span age) {
        return new BatchSettings(
                rows, size == null ? null : bytes("batch: size", size), age == null ? null : age.toDuration());
    }

    /** @param setting for the error, such as {@code batch: size} */
    static long bytes(String setting, String text) {
        Matcher size = SIZE.matcher(text.trim());
        if (!size.matches() || Integer.parseInt(size.group(1)) == 0) {
            throw new IllegalArgumentException("%s '%s' is no size, write 512KB or 16MB".formatted(setting, text));
        }
        return Long.parseLong(size.group(1)) << (size.group(2).equals("KB") ? 10 : 20);
    }
}
