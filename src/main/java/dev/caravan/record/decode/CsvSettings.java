package dev.caravan.record.decode;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How CSV is written.
 *
 * @param separator between two cells
 * @param quote around cells that hold separators or line breaks, doubled within; null for none
 * @param escape before a quote within a cell, null where it is doubled
 * @param columns names of the columns, of a file without a header; empty for one with it
 * @param skip lines before the header
 * @param fill whether a row with fewer cells than columns lacks the last ones, rather than being rejected
 */
record CsvSettings(
        String separator,
        @Nullable Character quote,
        @Nullable Character escape,
        List<String> columns,
        int skip,
        boolean fill) {
    CsvSettings {
        columns = List.copyOf(columns);
        if (separator.isEmpty()
                || separator.length() > 8
                || separator.indexOf('\n') >= 0
                || separator.indexOf('\r') >= 0) {
            throw new IllegalArgumentException(
                    "decode: separator '%s' is not one to eight characters of one line, write \";\" or \"\\t\""
                            .formatted(separator));
        }
        if ((quote != null && separator.indexOf(quote) >= 0) || (escape != null && separator.indexOf(escape) >= 0)) {
            throw new IllegalArgumentException("decode: separator '%s' is also quote or escape".formatted(separator));
        }
        if (skip < 0 || skip > 1_000) {
            throw new IllegalArgumentException("decode: skip is %d, use 0 to 1000".formatted(skip));
        }
        if (Set.copyOf(columns).size() < columns.size() || columns.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "decode: columns %s has a name twice, or an empty one".formatted(columns));
        }
    }
}
