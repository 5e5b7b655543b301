package dev.caravan.page;

import java.util.Map;

/**
 * What pagination needs to know of an answer's content.
 *
 * @param records how many records the vendor sent, rejected ones among them
 * @param captured values of {@link Pagination#captures()}, by path; without those missing or null
 * @param last values of {@link Pagination#lastPaths()} of the page's last record, likewise
 */
public record PageContent(int records, Map<String, String> captured, Map<String, String> last) {
    public PageContent {
        captured = Map.copyOf(captured);
        last = Map.copyOf(last);
    }
}
