package dev.caravan.page;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What pagination needs to know of an answer's content.
 *
 * @param records how many records the vendor sent, rejected ones among them
 * @param captured values of {@link Pagination#captures()}, by path; without those missing or null
 * @param last values of {@link Pagination#lastPaths()} of the page's last record, likewise
 * @param asked how many records were asked for, where that is fewer than usual; null for as many as ever
 */
public record PageContent(
        int records,
        Map<String, String> captured,
        Map<String, String> last,
        @Nullable Integer asked) {
    public PageContent {
        captured = Map.copyOf(captured);
        last = Map.copyOf(last);
    }

    public PageContent(int records, Map<String, String> captured, Map<String, String> last) {
        this(records, captured, last, null);
    }

    /** Whether there are fewer records than {@code size}, those of a full page; false if that is unknown. */
    boolean isShort(@Nullable Integer size) {
        return size != null && records < (asked == null ? size : Math.min(size, asked));
    }
}
